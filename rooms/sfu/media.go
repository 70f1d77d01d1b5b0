package sfu

import (
	"strings"

	"github.com/pion/interceptor"
	"github.com/pion/interceptor/pkg/nack"
	"github.com/pion/interceptor/pkg/report"
	"github.com/pion/interceptor/pkg/twcc"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"

	"lyceum/rooms"
	"lyceum/rooms/sfu/keyframe"
)

// codec indexes the table of codecs. It travels with each packet, so that a
// subscription finds its payload type without a lookup by name.
type codec uint8

const (
	codecOpus codec = iota
	codecVP8
	codecH264
	codecCount
	codecNone = codec(255)
)

// levelURI is the audio level of RFC 6464, the only header extension that is
// passed on.
const levelURI = sdp.AudioLevelURI

// nackLimit is how often one lost packet is asked for, 100 ms apart.
const nackLimit = 10

// codecOf returns the index of a MIME type.
func codecOf(mime string) codec {
	for i, m := range [codecCount]string{webrtc.MimeTypeOpus, webrtc.MimeTypeVP8, webrtc.MimeTypeH264} {
		if strings.EqualFold(mime, m) {
			return codec(i)
		}
	}
	return codecNone
}

// beginsPicture reports whether a payload begins a keyframe.
func (c codec) beginsPicture(payload []byte) bool {
	switch c {
	case codecVP8:
		return keyframe.VP8(payload)
	case codecH264:
		return keyframe.H264(payload)
	}
	return false
}

// carries reports whether a source may send c.
func carries(src rooms.Source, c codec) bool {
	return c < codecCount && (kindOf(src) == webrtc.RTPCodecTypeAudio) == (c == codecOpus)
}

func kindOf(src rooms.Source) webrtc.RTPCodecType {
	if src == rooms.SourceMic {
		return webrtc.RTPCodecTypeAudio
	}
	return webrtc.RTPCodecTypeVideo
}

// clockRate is the ticks a second of RTP timestamps (RFC 7587 section 4.1, RFC
// 7741 section 4.1, RFC 6184 section 5.1).
func clockRate(kind webrtc.RTPCodecType) uint32 {
	if kind == webrtc.RTPCodecTypeAudio {
		return 48000
	}
	return 90000
}

// codecs lists what is negotiated, in order of preference. The server offers,
// so these payload types hold for every peer but WHIP and WHEP clients.
// Retransmissions on their own SSRC (RFC 4588) are taken from publishers only:
// subscribers get theirs on the stream itself, bit for bit.
func codecs(publish bool) (audio, video []webrtc.RTPCodecParameters) {
	fb := []webrtc.RTCPFeedback{{Type: "nack"}, {Type: "nack", Parameter: "pli"}, {Type: "ccm", Parameter: "fir"}}
	audioFB := []webrtc.RTCPFeedback{{Type: "nack"}}
	if publish {
		fb = append(fb, webrtc.RTCPFeedback{Type: webrtc.TypeRTCPFBTransportCC})
		audioFB = append(audioFB, webrtc.RTCPFeedback{Type: webrtc.TypeRTCPFBTransportCC})
	}
	audio = []webrtc.RTPCodecParameters{{PayloadType: 111, RTPCodecCapability: webrtc.RTPCodecCapability{
		MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2,
		SDPFmtpLine: "minptime=10;useinbandfec=1", RTCPFeedback: audioFB,
	}}}
	for _, c := range []struct {
		mime, fmtp, apt string
		pt              webrtc.PayloadType
	}{
		{webrtc.MimeTypeVP8, "", "apt=96", 96},
		{webrtc.MimeTypeH264, "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f", "apt=102", 102},
	} {
		video = append(video, webrtc.RTPCodecParameters{PayloadType: c.pt, RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: c.mime, ClockRate: 90000, SDPFmtpLine: c.fmtp, RTCPFeedback: fb,
		}})
		if publish {
			video = append(video, webrtc.RTPCodecParameters{PayloadType: c.pt + 1, RTPCodecCapability: webrtc.RTPCodecCapability{
				MimeType: webrtc.MimeTypeRTX, ClockRate: 90000, SDPFmtpLine: c.apt,
			}})
		}
	}
	return audio, video
}

// mediaEngine declares codecs and header extensions of one side.
func mediaEngine(publish bool) (*webrtc.MediaEngine, error) {
	m := &webrtc.MediaEngine{}
	audio, video := codecs(publish)
	for _, c := range audio {
		if err := m.RegisterCodec(c, webrtc.RTPCodecTypeAudio); err != nil {
			return nil, err
		}
	}
	for _, c := range video {
		if err := m.RegisterCodec(c, webrtc.RTPCodecTypeVideo); err != nil {
			return nil, err
		}
	}
	both := []webrtc.RTPCodecType{webrtc.RTPCodecTypeAudio, webrtc.RTPCodecTypeVideo}
	extensions := []struct {
		uri   string
		kinds []webrtc.RTPCodecType
	}{{levelURI, both[:1]}}
	if publish {
		extensions = append(extensions, []struct {
			uri   string
			kinds []webrtc.RTPCodecType
		}{
			{sdp.TransportCCURI, both}, {sdp.SDESMidURI, both},
			{sdp.SDESRTPStreamIDURI, both[1:]}, {sdp.SDESRepairRTPStreamIDURI, both[1:]},
		}...)
	}
	for _, e := range extensions {
		for _, k := range e.kinds {
			if err := m.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: e.uri}, k); err != nil {
				return nil, err
			}
		}
	}
	return m, nil
}

// publishInterceptors ask publishers for lost packets, report what arrived, and
// feed their bandwidth estimate. The subscriber side has none at all: each of
// pion's costs a copy or a lock for every packet and receiver.
func publishInterceptors() (*interceptor.Registry, error) {
	r := &interceptor.Registry{}
	generator, err := nack.NewGeneratorInterceptor(nack.GeneratorMaxNacksPerPacket(nackLimit), nack.WithGeneratorLoggerFactory(quiet()))
	if err != nil {
		return nil, err
	}
	feedback, err := twcc.NewSenderInterceptor(twcc.WithLoggerFactory(quiet()))
	if err != nil {
		return nil, err
	}
	reports, err := report.NewReceiverInterceptor(report.WithReceiverLoggerFactory(quiet()))
	if err != nil {
		return nil, err
	}
	r.Add(generator)
	r.Add(feedback)
	r.Add(reports)
	return r, nil
}
