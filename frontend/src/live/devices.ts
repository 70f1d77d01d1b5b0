// Cameras, microphones, screens: asking for them, and saying in one word why there is none. Nothing here turns
// a device on without a click; a page that is never allowed to use one still works.
import type { Source } from "../wire/messages";
import type { Chosen } from "./memory";

export interface Device {
  id: string;
  label: string;
}

export interface DeviceList {
  microphones: Device[];
  cameras: Device[];
  speakers: Device[];
}

/** Why there is no track. "cancelled": the person closed the browser's window for choosing a screen. */
export type DeviceProblem = "denied" | "none" | "busy" | "unsupported" | "cancelled";

export type Taken = { track: MediaStreamTrack } | { problem: DeviceProblem };

export function available(): boolean {
  return typeof navigator.mediaDevices?.getUserMedia === "function";
}

/** Whether this browser can send a screen; phones cannot. */
export function canShareScreen(): boolean {
  return typeof navigator.mediaDevices?.getDisplayMedia === "function";
}

/** Whether a device can be had without the browser asking: only then may a reload turn it on again. */
export async function granted(source: "mic" | "camera"): Promise<boolean> {
  try {
    const name = source === "mic" ? "microphone" : "camera";
    return (await navigator.permissions.query({ name: name as PermissionName })).state === "granted";
  } catch {
    return false;
  }
}

/** Names are empty until a device was allowed once; such entries are left out of the pickers. */
export async function list(): Promise<DeviceList> {
  if (!available()) return { microphones: [], cameras: [], speakers: [] };
  let all: MediaDeviceInfo[];
  try {
    all = await navigator.mediaDevices.enumerateDevices();
  } catch {
    all = [];
  }
  const of = (kind: MediaDeviceKind) =>
    all.filter((d) => d.kind === kind && d.label !== "").map((d) => ({ id: d.deviceId, label: d.label }));
  return { microphones: of("audioinput"), cameras: of("videoinput"), speakers: of("audiooutput") };
}

export async function take(source: Source, chosen: Chosen): Promise<Taken> {
  if (source === "screen") return takeScreen();
  if (!available()) return { problem: "unsupported" };
  try {
    const stream = await navigator.mediaDevices.getUserMedia(constraints(source, chosen));
    const track = stream.getTracks()[0];
    return track ? { track } : { problem: "none" };
  } catch (problem) {
    return { problem: reason(problem) };
  }
}

async function takeScreen(): Promise<Taken> {
  if (!canShareScreen()) return { problem: "unsupported" };
  try {
    const stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { max: 15 } }, audio: false });
    const track = stream.getVideoTracks()[0];
    if (!track) return { problem: "none" };
    // Letters must stay sharp; a slide may come a moment later.
    track.contentHint = "detail";
    return { track };
  } catch (problem) {
    const word = reason(problem);
    return { problem: word === "denied" ? "cancelled" : word };
  }
}

function constraints(source: Source, chosen: Chosen): MediaStreamConstraints {
  if (source === "mic") {
    return { audio: { ...wish(chosen.microphone), echoCancellation: true, noiseSuppression: true, autoGainControl: true } };
  }
  return { video: { ...wish(chosen.camera), width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 24, max: 30 } } };
}

/** "ideal", not "exact": an unplugged device must not end in an error. */
function wish(id: string): { deviceId?: ConstrainDOMString } {
  return id === "" ? {} : { deviceId: { ideal: id } };
}

function reason(problem: unknown): DeviceProblem {
  const name = problem instanceof DOMException ? problem.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "denied";
  if (name === "NotReadableError" || name === "AbortError") return "busy";
  return "none";
}

/** Calls back when something is plugged in or out; the answer ends that. */
export function onChange(changed: () => void): () => void {
  if (!available()) return () => undefined;
  navigator.mediaDevices.addEventListener("devicechange", changed);
  return () => navigator.mediaDevices.removeEventListener("devicechange", changed);
}
