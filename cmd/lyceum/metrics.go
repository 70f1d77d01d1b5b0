package main

import (
	"context"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// scrapeWithin bounds what one scrape may ask of the stores.
const scrapeWithin = 3 * time.Second

// metrics are the figures at /metrics. Labels come from closed sets, such as
// routes and states: never a person, an address, an event or a ticket.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	took     *prometheus.HistogramVec
}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "lyceum_http_requests_total", Help: "Requests answered, by route and status."}, []string{"method", "route", "status"}),
		took:     prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "lyceum_http_seconds", Help: "How long answers took.", Buckets: []float64{.005, .02, .1, .5, 2, 8}}, []string{"route"}),
	}
	m.registry.MustRegister(m.requests, m.took, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// observe counts one answered request.
func (m *metrics) observe(method, route string, status int, took time.Duration) {
	m.requests.WithLabelValues(method, route, strconv.Itoa(status)).Inc()
	m.took.WithLabelValues(route).Observe(took.Seconds())
}

// openMetrics serves the figures on their own inner address.
func (s *site) openMetrics(context.Context, bool) error {
	if s.config.MetricsListen == "" {
		return nil
	}
	listener, err := net.Listen("tcp", s.config.MetricsListen)
	if err != nil {
		return explainListen("LYCEUM_METRICS_LISTEN", s.config.MetricsListen, err)
	}
	s.metrics.registry.MustRegister(houseFigures{s})
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.metrics.registry, promhttp.HandlerOpts{}))
	server := &http.Server{Handler: mux, ReadTimeout: 5 * time.Second, WriteTimeout: 10 * time.Second, MaxHeaderBytes: 16 << 10}
	go func() { _ = server.Serve(listener) }() // ends with Close
	s.onClose(func() { _ = server.Close() })
	s.log.Info("figures are served", "address", listener.Addr().String())
	return nil
}

// houseFigures asks the parts of the house when somebody looks.
type houseFigures struct{ site *site }

// Describe is empty: which figures there are depends on what answers.
func (houseFigures) Describe(chan<- *prometheus.Desc) {}

func (h houseFigures) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeWithin)
	defer cancel()
	gauge := func(name, help string, value float64, labels prometheus.Labels) {
		out <- prometheus.MustNewConstMetric(prometheus.NewDesc(name, help, nil, labels), prometheus.GaugeValue, value)
	}
	counter := func(name, help string, value uint64) {
		out <- prometheus.MustNewConstMetric(prometheus.NewDesc(name, help, nil, nil), prometheus.CounterValue, float64(value))
	}
	gauge("lyceum_info", "Which Lyceum this is.", 1, prometheus.Labels{"version": version})
	if figures, err := h.site.store.Figures(ctx); err == nil {
		for status, n := range figures.Registrations {
			gauge("lyceum_registrations", "Registrations kept, by status.", float64(n), prometheus.Labels{"status": status})
		}
		for key, n := range figures.Deliveries {
			gauge("lyceum_deliveries", "Mails and posts, by state.", float64(n), prometheus.Labels{"channel": key[0], "state": key[1]})
		}
		gauge("lyceum_outbox_waiting", "Outbox rows that wait to be handed on.", float64(figures.Waiting), nil)
	}
	if waiting, err := h.site.bus.Backlog(ctx); err == nil {
		gauge("lyceum_bus_backlog", "Messages kept and not yet done.", float64(waiting), nil)
	}
	for part, err := range h.site.ready(ctx) {
		up := 1.0
		if err != nil {
			up = 0
		}
		gauge("lyceum_part_up", "Whether a part of the house answers.", up, prometheus.Labels{"part": part})
	}
	rooms, media := h.site.media.Total()
	gauge("lyceum_rooms", "Rooms with media on this node.", float64(rooms), nil)
	gauge("lyceum_participants", "Participants in them.", float64(media.Peers), nil)
	gauge("lyceum_publications", "Tracks sent to this node.", float64(media.Publications), nil)
	gauge("lyceum_subscriptions", "Tracks forwarded to somebody.", float64(media.Subscriptions), nil)
	counter("lyceum_media_packets_in_total", "Packets let through by a gate.", media.PacketsIn)
	counter("lyceum_media_bytes_in_total", "Their bytes.", media.BytesIn)
	counter("lyceum_media_packets_out_total", "Packets forwarded or sent again.", media.PacketsOut)
	counter("lyceum_media_shut_total", "Packets stopped at a gate.", media.Shut)
	counter("lyceum_media_dropped_total", "Packets dropped for other reasons.", media.Dropped)
	counter("lyceum_media_lost_total", "Packets the kernel did not take.", h.site.media.Lost())
	counter("lyceum_media_plain_total", "Of the packets out, those that took the slower way: over TCP or without AES-GCM.", media.ThroughPion)
	counter("lyceum_media_unheard_total", "Packets of microphones that were not among the loudest of a large room.", media.Unheard)
	counter("lyceum_media_keyframes_total", "Keyframes asked of publishers.", media.Keyframes)
	counter("lyceum_media_nacks_total", "Packets asked for again.", media.NACKs)
	counter("lyceum_media_resent_total", "Packets sent again.", media.Resent)
}
