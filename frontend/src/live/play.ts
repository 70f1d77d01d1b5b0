// Playing received streams. Browsers may refuse sound until the person has clicked something on the page.

/** Gives a stream to an element; false when the browser wants a click first. */
export async function play(element: HTMLMediaElement, stream: MediaStream | null): Promise<boolean> {
  if (element.srcObject !== stream) element.srcObject = stream;
  if (!stream) return true;
  try {
    await element.play();
    return true;
  } catch (problem) {
    // An AbortError only says that a newer stream or a removal came in between.
    return !(problem instanceof DOMException && problem.name === "NotAllowedError");
  }
}

/** Sends an element's sound to a chosen speaker, where the browser can. */
export async function speakThrough(element: HTMLMediaElement & { setSinkId?: (id: string) => Promise<void> }, speaker: string): Promise<void> {
  if (element.setSinkId) await element.setSinkId(speaker).catch(() => undefined);
}
