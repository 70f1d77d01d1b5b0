// Package social posts to the library's channels on social networks: a job names a post, its text goes to the channel's
// service, and what became of it is written down.
//
// A post has one key for all its attempts, and an attempt whose answer was lost is looked up before it is repeated where
// the service no longer knows the key, so nothing is posted twice. Credentials are sealed with a key made from the site
// key; they are opened for a call and never shown. The protocols are in the folders mastodon and bluesky. Both were
// written against the services' documentation, their official SDKs and strict fakes; they were never verified live.
//
// The package has no HTTP client of its own: it is given one, which guards where calls may go. Start at New.
package social
