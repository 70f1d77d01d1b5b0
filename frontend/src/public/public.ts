// The public pages' entry: their style, and two small islands. Every page works without any of the code.
import "../ui/tokens.css";
import "../ui/fonts.css";
import "./public.css";
import { showOwnTimes } from "./own-time";
import { openTicket } from "./ticket";

showOwnTimes(document, Intl.DateTimeFormat().resolvedOptions().timeZone);
openTicket(document, location, history);
// Following the mail's link while the page is open only changes the fragment.
addEventListener("hashchange", () => openTicket(document, location, history));
