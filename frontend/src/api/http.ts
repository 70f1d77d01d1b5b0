// The only place that calls fetch. Answers are JSON or an RFC 9457 problem with a stable `code`;
// a network that is not there becomes the code "offline". No text of the server is ever shown: pages have a
// sentence for each code.

export interface FieldProblem {
  field: string;
  code: string;
}

/** A request that did not work. `code` picks the sentence to show. */
export class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  readonly fields: FieldProblem[];
  /** When the doors open (code "doors-closed"), RFC 3339; otherwise empty. */
  readonly opensAt: string;
  /** What went wrong with a mail, in the server's plain words (code "mail-failed"); otherwise empty. */
  readonly detail: string;

  constructor(code: string, status = 0, fields: FieldProblem[] = [], opensAt = "", detail = "") {
    super(code);
    this.name = "ApiError";
    this.code = code;
    this.status = status;
    this.fields = fields;
    this.opensAt = opensAt;
    this.detail = detail;
  }
}

export interface Request {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** A ticket, sent as bearer; staff are known by their cookie instead. */
  ticket?: string | undefined;
  body?: unknown;
}

/** Gives up after this long, in milliseconds: a page must say something before people leave it. */
const patience = 15_000;

export async function call(path: string, request: Request = {}): Promise<unknown> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (request.ticket) headers.Authorization = `Bearer ${request.ticket}`;
  if (request.body !== undefined) headers["Content-Type"] = "application/json";
  let response: Response;
  try {
    response = await fetch(path, {
      method: request.method ?? "GET",
      headers,
      body: request.body === undefined ? null : JSON.stringify(request.body),
      // Who shows a ticket acts as its holder, also in a browser where staff are signed in.
      credentials: request.ticket ? "omit" : "same-origin",
      cache: "no-store",
      signal: AbortSignal.timeout(patience),
    });
  } catch {
    throw new ApiError("offline");
  }
  if (!response.ok) throw await problem(response);
  return response.status === 204 ? undefined : await json(response);
}

async function json(response: Response): Promise<unknown> {
  const body = await response.text();
  if (body === "") return undefined;
  try {
    return JSON.parse(body);
  } catch {
    throw new ApiError("internal", response.status);
  }
}

async function problem(response: Response): Promise<ApiError> {
  let body: unknown;
  try {
    body = await response.json();
  } catch {
    body = undefined;
  }
  const fields = record(body);
  const errors = Array.isArray(fields.errors) ? fields.errors.map(record) : [];
  return new ApiError(
    string(fields.code) || (response.status === 429 ? "rate-limited" : "internal"),
    response.status,
    errors.map((e) => ({ field: string(e.field), code: string(e.code) })),
    string(fields.opensAt),
    fields.code === "mail-failed" ? string(fields.detail) : "",
  );
}

export function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

export function string(value: unknown): string {
  return typeof value === "string" ? value : "";
}

export function number(value: unknown): number {
  return typeof value === "number" && Number.isFinite(value) ? value : 0;
}

/** The items of a list answer: a bare array or {items: []}. */
export function items(value: unknown): Record<string, unknown>[] {
  const list = Array.isArray(value) ? value : record(value).items;
  return Array.isArray(list) ? list.map(record) : [];
}
