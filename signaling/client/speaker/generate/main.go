// Command generate makes the media of the demo speaker: one minute of a moving picture with a running
// clock, and one minute of a synthetic voice reading speech.txt. Both are our own work, drawn and spoken by
// programs. The results are committed, so nobody needs this command to build Lyceum; run it after a change
// of the scene or the text:
//
//	go run ./signaling/client/speaker/generate -dir signaling/client/speaker
//
// It needs ffmpeg (with libvpx and libopus) and espeak-ng on the path. Frames are drawn here and piped raw
// into ffmpeg. The same input gives the same picture; the encoders may differ from version to version.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
)

// The picture: small enough to embed, fast enough for a second hand, a keyframe every second so that
// whoever comes in sees something at once.
const (
	width, height = 480, 270
	framesASecond = 12
	seconds       = 60
)

func main() {
	dir := flag.String("dir", ".", "folder with speech.txt, where the media is written")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := generate(ctx, *dir); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func generate(ctx context.Context, dir string) error {
	if err := picture(ctx, filepath.Join(dir, "speaker.ivf")); err != nil {
		return fmt.Errorf("picture: %w", err)
	}
	if err := voice(ctx, filepath.Join(dir, "speech.txt"), filepath.Join(dir, "speaker.ogg")); err != nil {
		return fmt.Errorf("voice: %w", err)
	}
	return nil
}

// picture draws every frame and has ffmpeg encode them as VP8 in IVF.
func picture(ctx context.Context, out string) error {
	encode := command(ctx, "ffmpeg", "-v", "error", "-y",
		"-f", "rawvideo", "-pix_fmt", "rgb24", "-s", fmt.Sprintf("%dx%d", width, height),
		"-r", fmt.Sprint(framesASecond), "-i", "pipe:0",
		"-c:v", "libvpx", "-pix_fmt", "yuv420p", "-b:v", "100k", "-maxrate", "240k",
		"-bufsize", "200k", "-qmin", "4", "-qmax", "50", "-g", fmt.Sprint(framesASecond),
		"-keyint_min", fmt.Sprint(framesASecond), "-auto-alt-ref", "0", "-lag-in-frames", "0",
		"-deadline", "good", "-cpu-used", "1", "-threads", "1", "-fflags", "+bitexact", "-flags:v", "+bitexact",
		"-f", "ivf", out)
	in, err := encode.StdinPipe()
	if err != nil {
		return err
	}
	if err := encode.Start(); err != nil {
		return err
	}
	err = frames(in)
	if closeErr := in.Close(); err == nil {
		err = closeErr
	}
	if waitErr := encode.Wait(); waitErr != nil {
		return waitErr
	}
	return err
}

// frames writes the whole minute, one raw frame after the other.
func frames(w io.Writer) error {
	c := newCanvas(width, height)
	for i := range seconds * framesASecond {
		drawScene(c, float64(i)/framesASecond)
		if _, err := w.Write(c.pixels); err != nil {
			return err
		}
	}
	return nil
}

// voice has espeak-ng read the text and ffmpeg encode it as Opus in Ogg: mono, 20 ms a packet, one packet a
// page (so that a page is a packet to the reader), filled up to exactly one minute.
func voice(ctx context.Context, text, out string) error {
	wav := out + ".wav"
	defer func() { _ = os.Remove(wav) }()
	if err := command(ctx, "espeak-ng", "-v", "en-gb", "-s", "138", "-p", "45", "-f", text, "-w", wav).Run(); err != nil {
		return err
	}
	// A soft tick on every second lets one hear that sound and picture are together.
	tick := fmt.Sprintf("aevalsrc=0.1*sin(2*PI*990*t)*exp(-50*mod(t\\,1)):s=48000:d=%d", seconds)
	mix := fmt.Sprintf("[0:a]aresample=48000,highpass=f=80,volume=0.8,apad=whole_dur=%d[v];[v][1:a]amix=inputs=2:normalize=0",
		seconds)
	return command(ctx, "ffmpeg", "-v", "error", "-y", "-i", wav, "-f", "lavfi", "-i", tick,
		"-filter_complex", mix, "-t", fmt.Sprint(seconds),
		"-ar", "48000", "-ac", "1", "-c:a", "libopus", "-b:a", "20k", "-vbr", "on", "-application", "voip",
		"-frame_duration", "20", "-page_duration", "20000", "-map_metadata", "-1", "-fflags", "+bitexact",
		"-flags:a", "+bitexact", "-f", "ogg", out).Run()
}

// command runs name with its complaints shown.
func command(ctx context.Context, name string, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, name, args...)
	c.Stderr = os.Stderr
	return c
}
