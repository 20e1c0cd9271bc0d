"""A connection that breaks at the worst moment, for conversation.py."""
import socket
import threading

from hub_link import Link, connect

PATIENCE = 15  # seconds without a frame until the connection is given up


class CuttingProxy:
    """Stands between device and hub; cuts the first connection when the first frame of a type comes by, from either side,
    before it is delivered. With `once` nobody gets through again."""

    def __init__(self, target, cut_at, once=False):
        self.target, self.cut_at, self.once, self.sent = target, cut_at, once, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                device, _ = self.listener.accept()
            except OSError:
                return
            self.sent.append([])
            if self.once:
                self.listener.close()
            hub_side = connect(self.target, False, None)
            up = threading.Thread(target=self.pump, args=(device, hub_side, self.sent[-1], len(self.sent) == 1), daemon=True)
            up.start()
            self.pump(hub_side, device, [], len(self.sent) == 1)
            up.join()
            device.close()
            hub_side.close()

    def pump(self, source, sink, seen, cuts):
        link = Link(source)
        try:
            while True:
                if (frame := link.receive(PATIENCE)) is None:
                    continue
                seen.append(frame)
                if cuts and frame[2:3] == [str(self.cut_at)]:
                    break
                Link(sink).send(*frame)
        except (OSError, ValueError):
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self):
        self.listener.close()
