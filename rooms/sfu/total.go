package sfu

// Total is what a node carries: how many rooms, and their Stats added up. The
// running counters go on counting what rooms counted that are closed by now, so
// they only rise.
func (n *Node) Total() (rooms int, total Stats) {
	n.mu.Lock()
	open := make([]*Room, 0, len(n.rooms))
	for _, r := range n.rooms {
		open = append(open, r)
	}
	total = n.gone
	n.mu.Unlock()
	for _, r := range open {
		s := r.Stats()
		total.Peers += s.Peers
		total.Publications += s.Publications
		total.Subscriptions += s.Subscriptions
		total.count(s)
	}
	return len(open), total
}

// count adds the running counters of another.
func (s *Stats) count(other Stats) {
	s.PacketsIn += other.PacketsIn
	s.BytesIn += other.BytesIn
	s.Shut += other.Shut
	s.PacketsOut += other.PacketsOut
	s.ThroughPion += other.ThroughPion
	s.Dropped += other.Dropped
	s.Unheard += other.Unheard
	s.NACKs += other.NACKs
	s.Resent += other.Resent
	s.PLIs += other.PLIs
	s.Keyframes += other.Keyframes
}
