// The protocol's vectors, shared with the Go tests: signaling/wire/testdata/*.json. For tests only.
export interface Vector {
  name: string;
  direction: "to-server" | "to-client";
  valid: boolean;
  /** A string is the raw text of the frame. */
  message: unknown;
  code?: string;
}

const files = import.meta.glob<Vector[]>("../../../signaling/wire/testdata/*.json", { eager: true, import: "default" });

export const vectors: Vector[] = Object.values(files).flat();

export function frame(vector: Vector): string {
  return typeof vector.message === "string" ? vector.message : JSON.stringify(vector.message);
}
