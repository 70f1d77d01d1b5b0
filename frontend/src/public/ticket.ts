// On /my, the personal link's ticket stands in the fragment, which browsers never send. It is taken out of the address
// bar first, so that it cannot be copied, bookmarked or seen over a shoulder, and then sent as the page's own form.

export function openTicket(page: Document, place: Location, past: History): void {
  const form = page.querySelector<HTMLFormElement>("form[data-ticket]");
  const field = form?.querySelector<HTMLInputElement>("input[name=ticket]");
  const ticket = place.hash.slice(1);
  if (!form || !field || !/^[\w-]{43}$/.test(ticket)) return;
  past.replaceState(null, "", place.pathname);
  field.value = ticket;
  form.submit();
}
