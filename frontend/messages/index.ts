// The texts of the room and the console, with typed keys. {name} in a text is filled from the values;
// texts that depend on a count have the keys "x.one" and "x.other".
import en from "./live.en.json";

export type Key = keyof typeof en;
type Stem<K> = K extends `${infer S}.other` ? (`${S}.one` extends Key ? S : never) : never;
/** A key whose text depends on a count. */
export type CountedKey = Stem<Key>;
export type Values = Record<string, string | number>;

const plurals = new Intl.PluralRules("en");

export function t(key: Key, values: Values = {}): string {
  return en[key].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** The text for a count, which is also the value {count}. */
export function tn(key: CountedKey, count: number, values: Values = {}): string {
  const form = plurals.select(count) === "one" ? "one" : "other";
  return t(`${key}.${form}`, { count, ...values });
}

function has(key: string): key is Key {
  return Object.hasOwn(en, key);
}

/** A sentence for a stable code of the server; the general one for codes this page does not know. */
export function errorText(code: string): string {
  const key = `error.${code}`;
  return has(key) ? t(key) : t("error.internal");
}

/** A sentence for a field of a form. */
export function fieldText(code: string): string {
  const key = `field.${code}`;
  return has(key) ? t(key) : t("field.wrong-type");
}

/** A sentence for what is wrong with a channel or a post, with the one thing to do. */
export function faultText(code: string): string {
  const key = `fault.${code}`;
  return has(key) ? t(key) : t("error.internal");
}

/** A word of the house (a kind of event, a state of a mail): `word("kind", "author-talk")`. An unknown one stays as it is. */
export function word(group: "kind" | "format" | "audience" | "registration" | "mail" | "mailstate" | "state" | "service" | "moment", value: string): string {
  const key = `${group}.${value}`;
  return has(key) ? t(key) : value;
}
