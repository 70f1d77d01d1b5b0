import type { ClientMessage } from "./messages";

/** The text frame for a message. Every ClientMessage literal names `type` first, and JSON keeps that order. */
export function encode(message: ClientMessage): string {
  return JSON.stringify(message);
}
