// A wire that can be cut: TCP between the browsers and the server, as a library's
// network would do it.
import { once } from "node:events";
import net from "node:net";

/** A port that nobody uses just now. */
export async function freePort() {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** Carries every connection to a port, until it is cut. */
export async function startProxy(target) {
  const open = new Set();
  let down = false;
  let refused = 0;
  const server = net.createServer((client) => {
    if (down) {
      refused++;
      client.destroy();
      return;
    }
    const onward = net.connect(target, "127.0.0.1");
    for (const [socket, other] of [[client, onward], [onward, client]]) {
      open.add(socket);
      socket.on("error", () => other.destroy());
      socket.on("close", () => {
        open.delete(socket);
        other.destroy();
      });
    }
    client.pipe(onward).pipe(client);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    /** Cuts everything for a time in milliseconds; resolves when the wire is whole again. */
    async cut(milliseconds) {
      down = true;
      refused = 0;
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
      down = false;
      return { refused };
    },
    async stop() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
