// Package bus carries work that is due from one part of Lyceum to another, at least once, over NATS JetStream.
//
// Start with Open: the word "embedded" runs a NATS server inside this process with its stream on disk, a nats:// URL
// uses a server or a cluster elsewhere. Both ways speak to the same client code, so what holds for one holds for the other
// (bustest.Run checks it). A message leaves the stream only when its handler returns nil or Drop; everything else comes
// again later, also after a crash, so a handler must cope with seeing the same key twice.
//
// The bus knows subjects, keys and bytes, never what they mean. It promises nothing that SQL does not promise first: the
// outbox can publish everything again with the same keys, and losing all of JetStream loses nothing.
package bus
