// Sound made and measured in the page: the level meter of a microphone, and a short tone to test the speaker.

/** Calls back about 15 times a second with the loudness of a track, 0 to 1. The answer ends it. */
export function meter(track: MediaStreamTrack, level: (value: number) => void): () => void {
  if (typeof AudioContext === "undefined") return () => undefined;
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 512;
  context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    let sum = 0;
    for (const sample of samples) sum += sample * sample;
    // Speech is about 0.02 to 0.2; the root lifts quiet voices into sight.
    level(Math.min(1, Math.sqrt(Math.sqrt(sum / samples.length)) * 1.6));
  }, 66);
  return () => {
    clearInterval(timer);
    void context.close();
  };
}

/** Plays two soft notes, about a second in all, on the chosen speaker ("" is the system's). */
export async function chime(speaker: string): Promise<void> {
  if (typeof AudioContext === "undefined") return;
  const context: AudioContext & { setSinkId?: (id: string) => Promise<void> } = new AudioContext();
  if (speaker !== "" && context.setSinkId) await context.setSinkId(speaker).catch(() => undefined);
  const notes: [frequency: number, at: number][] = [[523.25, 0], [783.99, 0.35]];
  for (const [frequency, at] of notes) {
    const start = context.currentTime + at;
    const oscillator = context.createOscillator();
    const gain = context.createGain();
    oscillator.frequency.value = frequency;
    gain.gain.setValueAtTime(0, start);
    gain.gain.linearRampToValueAtTime(0.2, start + 0.03);
    gain.gain.exponentialRampToValueAtTime(0.001, start + 0.6);
    oscillator.connect(gain).connect(context.destination);
    oscillator.start(start);
    oscillator.stop(start + 0.65);
  }
  await new Promise((done) => setTimeout(done, 1_100));
  await context.close();
}
