// Takes the network away from this process, for a program that is only looked at. Node's permissions keep it from writing
// and starting anything, but (Node 24) not from the network, and they follow links out of the folders that may be read.
import dgram from "node:dgram";
import dns from "node:dns";
import http from "node:http";
import http2 from "node:http2";
import { syncBuiltinESMExports } from "node:module";
import net from "node:net";
import tls from "node:tls";

const MESSAGE = "The network is not to be used before the folder is adopted.";

function refuse() {
  throw Object.assign(new Error(MESSAGE), { code: "ERR_ACCESS_DENIED" });
}

/** Every way out refuses from now on; what was there before is not reachable any more. */
export function seal() {
  // Below http, https, tls, http2, fetch and WebSocket are these. Without a handle nothing can be sent.
  for (const holder of [net.Socket.prototype, net.Server.prototype, dgram.Socket.prototype, tls.TLSSocket.prototype]) {
    for (const name of ["connect", "listen", "bind", "send", "addMembership"]) shut(holder, name);
  }
  for (const name of ["_createServerHandle", "connect", "createConnection", "createServer"]) shut(net, name);
  for (const name of ["_createSocketHandle", "createSocket"]) shut(dgram, name);
  for (const name of ["connect", "createServer"]) shut(tls, name);
  for (const name of ["connect", "createServer", "createSecureServer"]) shut(http2, name);
  shut(http, "createServer");
  for (const holder of [dns, dns.promises, dns.Resolver.prototype, dns.promises.Resolver.prototype]) {
    for (let level = holder; level && level !== Object.prototype; level = Object.getPrototypeOf(level)) {
      for (const name of Object.getOwnPropertyNames(level)) if (/^(lookup|resolve|reverse)/.test(name)) shut(level, name);
    }
  }
  for (const name of ["fetch", "WebSocket", "EventSource"]) shut(globalThis, name);
  syncBuiltinESMExports();
}

function shut(holder, name) {
  if (!(name in holder)) return;
  Object.defineProperty(holder, name, { value: refuse, writable: false, configurable: false, enumerable: true });
}
