// Program: a WebSocket server that answers every OCPP call and does nothing: the ceiling of the client
// and of the library. Port as the only argument.
import { createServer } from "node:http";
import { type WebSocket, WebSocketServer } from "ws";

const http = createServer((_request, response) => response.end("ok"));
const server = new WebSocketServer({ server: http, perMessageDeflate: false });
server.on("connection", (socket: WebSocket) => {
  socket.on("message", (data: Buffer) => {
    const [, id] = JSON.parse(data.toString()) as [number, string];
    socket.send(JSON.stringify([3, id, {}]));
  });
});
http.listen(Number(Deno.args[0]), "127.0.0.1");
