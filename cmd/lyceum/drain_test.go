package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// beLyceum makes the test binary the real command, for signals.
const beLyceum = "TEST_BINARY_IS_LYCEUM"

func TestMain(m *testing.M) {
	if os.Getenv(beLyceum) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// startProcess runs lyceum serve as a process of its own.
func startProcess(t *testing.T, env []string) (process *exec.Cmd, url string) {
	t.Helper()
	process = exec.CommandContext(t.Context(), os.Args[0], "serve")
	process.Env = append(append(os.Environ(), beLyceum+"=1"), env...)
	said, err := process.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(said)
	running := regexp.MustCompile(`Lyceum is running at (\S+)`)
	for lines.Scan() {
		if m := running.FindStringSubmatch(lines.Text()); m != nil {
			go func() { _, _ = io.Copy(io.Discard, said) }() // ends with the process
			return process, m[1]
		}
	}
	t.Fatal("serve ended before it ran")
	return nil, ""
}

// R8: a stop under load breaks no request that the site had taken.
func TestAStopUnderLoadBreaksNoRequest(t *testing.T) {
	process, url := startProcess(t, append(demoEnv(t.TempDir()), "LYCEUM_RATE_LIMITS=off"))
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	var answered atomic.Int64
	var clients sync.WaitGroup
	for client := range 8 {
		clients.Go(func() {
			for ctx.Err() == nil {
				request, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/api/events", nil)
				if err != nil {
					t.Error(err)
					return
				}
				// A connection of which the site never read a byte was not taken: it waited in the
				// kernel when the listener closed, and is reset.
				taken := false
				request = request.WithContext(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
					GotConn: func(c httptrace.GotConnInfo) { taken = c.Reused },
				}))
				answer, err := http.DefaultTransport.RoundTrip(request)
				if err != nil {
					if !errors.Is(err, syscall.ECONNREFUSED) && (taken || !errors.Is(err, syscall.ECONNRESET)) {
						t.Errorf("client %d, after %d answers: %v", client, answered.Load(), err)
					}
					return
				}
				_, err = io.Copy(io.Discard, answer.Body)
				answer.Body.Close()
				if err != nil || answer.StatusCode != http.StatusOK {
					t.Errorf("client %d: %s %v", client, answer.Status, err)
					return
				}
				if answered.Add(1) == 400 {
					if err := process.Process.Signal(syscall.SIGTERM); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	clients.Wait()
	began := time.Now()
	if err := process.Wait(); err != nil {
		t.Errorf("the process: %v", err)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %v to end", took)
	}
	if answered.Load() < 400 {
		t.Errorf("only %d answers", answered.Load())
	}
}

// A request that never ends holds the first signal up for some seconds; the
// second one does not wait.
func TestASecondSignalEndsAtOnce(t *testing.T) {
	process, url := startProcess(t, append(demoEnv(t.TempDir()), "LYCEUM_RATE_LIMITS=off"))
	half, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer half.Close()
	// The site says 100 Continue once it waits for the body, which never comes.
	if _, err := fmt.Fprint(half, "POST /api/staff/session HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 100\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(half).ReadString('\n'); err != nil || !strings.Contains(line, "100") {
		t.Fatalf("%q %v", line, err)
	}
	if err := process.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	for closed := false; !closed; { // the first signal has been taken: nobody new gets in
		conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
		if closed = err != nil; !closed {
			conn.Close()
		}
	}
	began := time.Now()
	if err := process.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	err = process.Wait()
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("the second signal took %v", took)
	}
	if state, is := process.ProcessState.Sys().(syscall.WaitStatus); !is || !state.Signaled() {
		t.Errorf("it was not the second signal that ended it: %v", err)
	}
}
