package live

// Media and its parts are the seam to the media plane, for the recording one.
type (
	Media     = media
	MediaRoom = mediaRoom
	Peer      = peer
)

// NewWithMedia is New with another media plane.
func NewWithMedia(cfg Config, m Media) *Hub { return newHub(cfg, m) }

// Sweep does now what every room does at each beat, but unloading.
func (h *Hub) Sweep() {
	for _, r := range h.loaded() {
		r.catchUp()
		r.expire()
		r.standIn()
		r.save(true)
	}
}

// Loaded counts the rooms in memory.
func (h *Hub) Loaded() int { return len(h.loaded()) }

func (h *Hub) loaded() []*room {
	h.mu.Lock()
	defer h.mu.Unlock()
	var all []*room
	for _, o := range h.rooms {
		<-o.ready
		if o.room != nil {
			all = append(all, o.room)
		}
	}
	return all
}
