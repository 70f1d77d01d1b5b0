package sfu

import (
	"time"

	"github.com/pion/rtcp"
)

// senderReport is the publisher's newest statement of which RTP timestamp
// belongs to which time of its clock.
type senderReport struct {
	ntp uint64 // in units of 2^-32 s
	rtp uint32 // already in the publication's timeline
	at  int64  // when it came, in nanoseconds; zero for never
}

// after is the report as it would read at now.
func (r senderReport) after(now int64, rate uint32) senderReport {
	passed := uint64(max(now-r.at, 0))
	seconds, rest := passed/1e9, passed%1e9
	return senderReport{
		ntp: r.ntp + seconds<<32 + rest<<32/1e9,
		rtp: r.rtp + uint32(passed*uint64(rate)/1e9), at: now,
	}
}

// outgoingReport is a report made under the mutex and sent after it.
type outgoingReport struct {
	to      *subscription
	packets []rtcp.Packet
}

// report passes a publisher's sender report on to its subscribers: the same
// clock, the subscriber's timestamps and counts (RFC 3550 section 6.4.1). The
// clock stays the publisher's, so that its sound and picture stay in step.
func (p *publication) report(in *ingest, sr *rtcp.SenderReport) {
	p.mu.Lock()
	if p.feed != in || !p.open.Load() {
		p.mu.Unlock()
		return
	}
	p.said = senderReport{ntp: sr.NTPTime, rtp: p.times.Map(sr.RTPTime), at: time.Now().UnixNano()}
	out := make([]outgoingReport, 0, len(p.subs))
	for _, s := range p.subs {
		if s.fresh {
			continue
		}
		out = append(out, outgoingReport{s, s.report(p.said)})
	}
	p.mu.Unlock()
	for _, o := range out {
		_ = o.to.pc.WriteRTCP(o.packets) // an error means it is going down
	}
}

// greet gives subscribers that got their first packet at now what a publisher
// says only every few seconds, so that lips are in step from the start.
func (p *publication) greet(joined []*subscription, now int64) {
	for _, s := range joined {
		p.mu.Lock()
		if p.said.at == 0 || !p.has(s) || s.fresh {
			p.mu.Unlock()
			continue
		}
		o := outgoingReport{s, s.report(p.said.after(now, clockRate(p.kind)))}
		p.mu.Unlock()
		_ = o.to.pc.WriteRTCP(o.packets)
	}
}

// report is the subscriber's form of said.
func (s *subscription) report(said senderReport) []rtcp.Packet {
	return []rtcp.Packet{
		&rtcp.SenderReport{
			SSRC: s.header.SSRC, NTPTime: said.ntp, RTPTime: s.times.Map(said.rtp),
			PacketCount: s.packets, OctetCount: s.octets,
		},
		&rtcp.SourceDescription{Chunks: []rtcp.SourceDescriptionChunk{{
			Source: s.header.SSRC,
			Items:  []rtcp.SourceDescriptionItem{{Type: rtcp.SDESCNAME, Text: s.streamID}},
		}}},
	}
}

// readReports hands sender reports of one incoming track on until it ends.
func (in *ingest) readReports(read func([]byte) (int, error)) {
	buf := make([]byte, receiveMTU)
	for {
		n, err := read(buf)
		if err != nil {
			return
		}
		pkts, err := rtcp.Unmarshal(buf[:n])
		if err != nil {
			in.pub.room.count.dropped.Add(1)
			continue
		}
		for _, p := range pkts {
			if sr, ok := p.(*rtcp.SenderReport); ok && sr.SSRC == in.ssrc {
				in.pub.report(in, sr)
			}
		}
	}
}
