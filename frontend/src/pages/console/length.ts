// How long a text is as a platform counts; the server counts the same way (server/social/length.go) and has the last word.
const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });
const links = /https?:\/\/[^\s<>"]+/g;
const mentions = /(^|[^/\w])@(\w+)@[\w.-]+\w/g;

function count(text: string): number {
  return [...graphemes.segment(text)].length;
}

/** Mastodon shortens only links with a real name in them. */
function named(link: string): boolean {
  if (!URL.canParse(link)) return false;
  const host = new URL(link).hostname;
  return host.includes(".") && !/^[\d.]+$/.test(host) && !host.startsWith("[");
}

export function lengthOn(service: string, linkLength: number, text: string): number {
  if (service !== "mastodon") return count(text);
  const shortened = text.replace(links, (found) => {
    const kept = found.replace(/[.,:;!?'…)]+$/, "");
    return linkLength > 0 && named(kept) ? "x".repeat(linkLength) + found.slice(kept.length) : found;
  });
  return count(shortened.replace(mentions, "$1@$2"));
}
