// What the console asks about social networks. Credentials go in and never come back.
import { call, items, number, record, string } from "./http";

export interface Channel {
  id: string;
  service: string;
  server: string;
  account: string;
  textLimit: number;
  linkLength: number;
  /** Code of what the last check found; "" when all is well. */
  fault: string;
  checkedAt: string;
}

export interface ChannelDraft {
  service: string;
  server: string;
  handle: string;
  secret: string;
}

export interface Post {
  /** "" for a draft that nobody has approved. */
  id: string;
  eventId: string;
  channel: Channel;
  moment: string;
  text: string;
  state: string;
  attempts: number;
  fault: string;
  link: string;
  dueAt: string;
  nextAt: string;
  again: boolean;
  updatedAt: string;
}

function channel(value: unknown): Channel {
  const fields = record(value);
  return {
    id: string(fields.id),
    service: string(fields.service),
    server: string(fields.server),
    account: string(fields.account),
    textLimit: number(fields.textLimit),
    linkLength: number(fields.linkLength),
    fault: string(fields.fault),
    checkedAt: string(fields.checkedAt),
  };
}

function post(fields: Record<string, unknown>): Post {
  return {
    id: string(fields.id),
    eventId: string(fields.eventId),
    channel: channel(fields.channel),
    moment: string(fields.moment),
    text: string(fields.text),
    state: string(fields.state),
    attempts: number(fields.attempts),
    fault: string(fields.fault),
    link: string(fields.link),
    dueAt: string(fields.dueAt),
    nextAt: string(fields.nextAt),
    again: fields.again === true,
    updatedAt: string(fields.updatedAt),
  };
}

const path = (...parts: string[]) => `/api/staff/${parts.map(encodeURIComponent).join("/")}`;

export async function channels(): Promise<Channel[]> {
  return items(await call(path("channels"))).map(channel);
}

export async function connect(draft: ChannelDraft): Promise<Channel> {
  return channel(await call(path("channels"), { method: "POST", body: draft }));
}

export async function check(id: string): Promise<Channel> {
  return channel(await call(path("channels", id, "check"), { method: "POST", body: {} }));
}

export async function disconnect(id: string): Promise<void> {
  await call(path("channels", id), { method: "DELETE" });
}

export async function postsOf(event: string): Promise<Post[]> {
  return items(await call(path("events", event, "posts"))).map(post);
}

export async function approve(event: string, to: string, moment: string, text: string): Promise<void> {
  await call(path("events", event, "posts"), { method: "POST", body: { channel: to, moment, text } });
}

export async function posts(): Promise<Post[]> {
  return items(await call(path("posts"))).map(post);
}

export async function retry(id: string): Promise<void> {
  await call(path("posts", id, "retry"), { method: "POST", body: {} });
}

export async function withdraw(id: string): Promise<void> {
  await call(path("posts", id), { method: "DELETE" });
}
