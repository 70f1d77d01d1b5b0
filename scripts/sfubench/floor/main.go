// Command floor measures what forwarding must cost on this machine: for every
// packet and subscriber a header rewritten, sealed under a key of its own with
// AES-GCM, and one datagram, sent 64 at a time at the media's own pace. With
// bursty media the packets of a frame leave as one segmented datagram (UDP
// GSO). It prints the CPU time of the sending thread, in nanoseconds a packet.
package main

import (
	"bufio"
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	batch  = 64
	header = 12
	tag    = 16
)

type message struct {
	hdr  unix.Msghdr
	sent uint32
}

func main() {
	media := flag.String("media", "video", "video, audio or bursty")
	count := flag.Int("subscribers", 200, "datagrams for each packet")
	sinkCore := flag.Int("sink-core", 1, "core of the receivers")
	sink := flag.Int("sink", 0, "be the receivers, with this many sockets")
	span := flag.Duration("span", 2*time.Second, "how long to send")
	flag.Parse()
	if *sink > 0 {
		drain(*sink)
		return
	}
	runtime.LockOSThread()
	to, end, err := receivers(*count, *sinkCore)
	if err != nil {
		log.Fatal(err)
	}
	defer end()
	size, pps, frame := 1100, 170, 1
	switch *media {
	case "audio":
		size, pps = 100, 50
	case "bursty":
		frame = 6
	}
	s, err := newSender(to, size, frame)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(s.paced(*span, time.Second*time.Duration(frame)/time.Duration(pps)))
}

// receivers starts this program again as the receiving end.
func receivers(n, core int) ([]netip.AddrPort, func(), error) {
	self, err := os.Executable()
	if err != nil {
		return nil, nil, err
	}
	c := exec.Command("taskset", "-c", strconv.Itoa(core), self, "-sink", strconv.Itoa(n))
	in, err := c.StdinPipe()
	if err != nil {
		return nil, nil, err
	}
	out, err := c.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	if err := c.Start(); err != nil {
		return nil, nil, err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return nil, nil, err
	}
	var to []netip.AddrPort
	for _, port := range strings.Fields(line) {
		to = append(to, netip.MustParseAddrPort("127.0.0.1:"+port))
	}
	return to, func() { _ = in.Close(); _ = c.Wait() }, nil
}

// drain reads n sockets until standard input ends.
func drain(n int) {
	var ports []string
	for range n {
		c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			log.Fatal(err)
		}
		_ = c.SetReadBuffer(1 << 20)
		ports = append(ports, strconv.Itoa(c.LocalAddr().(*net.UDPAddr).Port))
		go func() {
			buf := make([]byte, 2048)
			for {
				if _, _, err := c.ReadFromUDPAddrPort(buf); err != nil {
					return
				}
			}
		}()
	}
	fmt.Println(strings.Join(ports, " "))
	_, _ = io.Copy(io.Discard, os.Stdin)
}

type sender struct {
	fd       int
	plain    []byte
	frame    int
	out      [][]byte
	keys     []cipher.AEAD
	messages []message
	seq      uint16
}

func newSender(to []netip.AddrPort, size, frame int) (*sender, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err != nil {
		return nil, err
	}
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUF, 4<<20)
	s := &sender{fd: fd, plain: make([]byte, header+size), frame: frame, messages: make([]message, len(to))}
	s.plain[0] = 0x80
	one := header + size + tag
	control := make([]byte, unix.CmsgSpace(2))
	h := (*unix.Cmsghdr)(unsafe.Pointer(&control[0]))
	h.Level, h.Type = unix.IPPROTO_UDP, unix.UDP_SEGMENT
	h.SetLen(unix.CmsgLen(2))
	binary.NativeEndian.PutUint16(control[unix.CmsgLen(0):], uint16(one))
	names, vectors := make([]unix.RawSockaddrInet4, len(to)), make([]unix.Iovec, len(to))
	for i, a := range to {
		key := make([]byte, 16)
		binary.BigEndian.PutUint32(key, uint32(i))
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, err
		}
		aead, err := cipher.NewGCM(block)
		if err != nil {
			return nil, err
		}
		out := make([]byte, frame*one)
		s.keys, s.out = append(s.keys, aead), append(s.out, out)
		names[i] = unix.RawSockaddrInet4{Family: unix.AF_INET, Addr: a.Addr().As4(), Port: a.Port()<<8 | a.Port()>>8}
		vectors[i].Base = &out[0]
		vectors[i].SetLen(len(out))
		s.messages[i].hdr = unix.Msghdr{Name: (*byte)(unsafe.Pointer(&names[i])), Namelen: unix.SizeofSockaddrInet4, Iov: &vectors[i]}
		s.messages[i].hdr.SetIovlen(1)
		if frame > 1 {
			s.messages[i].hdr.Control = &control[0]
			s.messages[i].hdr.SetControllen(len(control))
		}
	}
	return s, nil
}

// forward does the work for the packets of one frame.
func (s *sender) forward() {
	var nonce [12]byte
	one := len(s.plain) + tag
	for i, out := range s.out {
		for k := range s.frame {
			o := out[k*one:]
			copy(o, s.plain[:header])
			binary.BigEndian.PutUint16(o[2:], s.seq+uint16(k))
			binary.BigEndian.PutUint32(o[8:], uint32(i))
			copy(nonce[2:], o[8:12])
			copy(nonce[10:], o[2:4])
			s.keys[i].Seal(o[header:header], nonce[:], s.plain[header:], o[:header])
		}
	}
	s.seq += uint16(s.frame)
	for i := 0; i < len(s.messages); {
		n, _, errno := unix.Syscall6(unix.SYS_SENDMMSG, uintptr(s.fd), uintptr(unsafe.Pointer(&s.messages[i])),
			uintptr(min(batch, len(s.messages)-i)), 0, 0, 0)
		if errno != 0 && errno != unix.EINTR {
			log.Fatal("sendmmsg: ", errno)
		}
		i += int(n)
	}
}

// paced sends for that long at the source's own rate, so that caches and
// receivers go cold in between, and returns nanoseconds a packet.
func (s *sender) paced(span, every time.Duration) float64 {
	began, packets := threadTime(), 0
	end := time.Now().Add(span)
	for next := time.Now(); next.Before(end); {
		s.forward()
		packets += len(s.out) * s.frame
		next = next.Add(every)
		if d := time.Until(next); d > 0 {
			ts := unix.NsecToTimespec(int64(d))
			_ = unix.ClockNanosleep(unix.CLOCK_MONOTONIC, 0, &ts, nil)
		}
	}
	return float64(threadTime()-began) / float64(max(packets, 1))
}

func threadTime() time.Duration {
	var ts unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &ts)
	return time.Duration(ts.Nano())
}
