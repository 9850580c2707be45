# A charging pile built on PyPI `ocpp` and `websockets`: a third opinion on our OCPP 1.6J gateway, in
# another language, sharing no code with it. Told what to do on stdin, tells what happened on stdout,
# both one JSON object a line; see README.md beside it.
import argparse
import asyncio
import base64
import json
import sys
from datetime import datetime, timezone

import websockets
from ocpp.exceptions import OCPPError
from ocpp.routing import after, on
from ocpp.v16 import ChargePoint, call, call_result
from ocpp.v16.enums import (
    AuthorizationStatus,
    ChargePointErrorCode,
    ChargePointStatus,
    ConfigurationStatus,
    Measurand,
    MessageTrigger,
    Reason,
    RegistrationStatus,
    RemoteStartStopStatus,
    ResetStatus,
    ResetType,
    TriggerMessageStatus,
    UnitOfMeasure,
    UnlockStatus,
)

CONNECTOR = 1
HANDSHAKE_S = 0.3  # from an accepted start to the first current
RETRY_S = 1.0  # an answer that failed is asked for again
OUTBOX_MAX = 200  # a small disk: what comes after is not measured


def report(event, **more):
    print(json.dumps({"event": event, **more}), flush=True)


def now():
    return datetime.now(timezone.utc).isoformat().replace("+00:00", "Z")


class Pile(ChargePoint):
    """One link; the street outlives it."""

    def __init__(self, street, connection):
        super().__init__(street.options.id, connection, response_timeout=15)
        self.street = street

    @on("RemoteStartTransaction")
    def remote_start(self, id_tag, **_):
        report("remote-start", idTag=id_tag)
        if self.street.charge is not None:
            return call_result.RemoteStartTransaction(RemoteStartStopStatus.rejected)
        self.street.remote = id_tag
        return call_result.RemoteStartTransaction(RemoteStartStopStatus.accepted)

    @after("RemoteStartTransaction")
    async def remote_started(self, **_):
        await self.street.begin_if_ready()

    @on("RemoteStopTransaction")
    def remote_stop(self, transaction_id, **_):
        report("remote-stop", transactionId=transaction_id)
        charge = self.street.charge
        if charge is None or charge["transactionId"] != transaction_id:
            return call_result.RemoteStopTransaction(RemoteStartStopStatus.rejected)
        asyncio.get_running_loop().call_later(HANDSHAKE_S, self.street.end, Reason.remote)
        return call_result.RemoteStopTransaction(RemoteStartStopStatus.accepted)

    @on("TriggerMessage")
    def trigger(self, requested_message, **_):
        if requested_message != MessageTrigger.status_notification:
            return call_result.TriggerMessage(TriggerMessageStatus.not_implemented)
        self.street.show_status()
        return call_result.TriggerMessage(TriggerMessageStatus.accepted)

    @on("UnlockConnector")
    def unlock(self, **_):
        self.street.end(Reason.unlock_command)
        return call_result.UnlockConnector(UnlockStatus.unlocked)

    @on("Reset")
    def reset(self, type, **_):
        reason = Reason.hard_reset if type == ResetType.hard else Reason.soft_reset
        asyncio.create_task(self.street.boot_again(reason))
        return call_result.Reset(ResetStatus.accepted)

    @on("GetConfiguration")
    def get_configuration(self, **_):
        return call_result.GetConfiguration(configuration_key=[], unknown_key=[])

    @on("ChangeConfiguration")
    def change_configuration(self, **_):
        return call_result.ChangeConfiguration(ConfigurationStatus.not_supported)


class Street:
    """The pile's metal: plug, meter, charge and what waits to be told."""

    def __init__(self, options):
        self.options = options
        self.register_mwh = options.register_wh * 1000
        self.plugged = False
        self.remote = None
        self.charge = None
        self.link = None  # the Pile, once the platform accepted its boot
        self.socket = None
        self.tasks = []
        self.outbox = []
        self.sending = None
        self.wake = asyncio.Event()

    # ---- what the pile says

    @property
    def register_wh(self):
        return self.register_mwh // 1000

    def status(self):
        if self.charge is not None:
            return ChargePointStatus.charging
        return ChargePointStatus.preparing if self.plugged else ChargePointStatus.available

    def show_status(self, status=None, connector=CONNECTOR):
        if self.link is not None:
            asyncio.create_task(self.tell_status(status or self.status(), connector))

    async def tell_status(self, status, connector):
        body = call.StatusNotification(
            connector_id=connector,
            error_code=ChargePointErrorCode.no_error,
            status=status,
            timestamp=now(),
        )
        try:
            await self.link.call(body, suppress=False)
        except Exception as error:  # told anew on the next link
            report("error", method="StatusNotification", message=repr(error))

    def send(self, payload, then=None):
        self.outbox.append((payload, then))
        self.wake.set()

    async def flush(self):
        """Sends what waits, oldest first; what fails without an answer is kept and sent again."""
        while True:
            await self.wake.wait()
            if self.link is None or not self.outbox:
                self.wake.clear()
                continue
            payload, then = self.outbox[0]
            body = payload() if callable(payload) else payload
            self.sending = asyncio.create_task(self.link.call(body, suppress=False))
            await asyncio.wait([self.sending])  # a cut ends it without an answer
            if self.sending.cancelled():
                continue
            try:
                answer = self.sending.result()
                self.outbox.pop(0)
                if then is not None:
                    then(answer)
            except OCPPError as error:
                report("error", method=type(body).__name__, code=error.code, message=str(error))
                self.outbox.pop(0)  # it was heard and refused
            except Exception as error:
                report("error", method=type(body).__name__, message=repr(error))
                await asyncio.sleep(RETRY_S)

    # ---- charging

    async def begin_if_ready(self):
        await asyncio.sleep(HANDSHAKE_S)
        if self.remote is not None and self.plugged and self.charge is None:
            self.begin(self.remote)

    def begin(self, id_tag):
        self.remote = None
        mine = {"idTag": id_tag, "transactionId": None, "meterStart": self.register_wh}
        self.charge = mine
        report("charging", registerWh=mine["meterStart"], idTag=id_tag)

        def started(answer):
            mine["transactionId"] = answer.transaction_id
            status = answer.id_tag_info["status"]
            report(
                "started",
                transactionId=answer.transaction_id,
                idTag=id_tag,
                registerWh=mine["meterStart"],
                status=status,
            )
            if status != AuthorizationStatus.accepted and self.charge is mine:
                self.end(Reason.de_authorized)

        self.send(
            call.StartTransaction(
                connector_id=CONNECTOR,
                id_tag=id_tag,
                meter_start=mine["meterStart"],
                timestamp=now(),
            ),
            started,
        )
        self.show_status()

    def end(self, reason):
        mine = self.charge
        if mine is None:
            return
        self.charge = None
        meter_stop, timestamp = self.register_wh, now()
        number = mine["transactionId"]

        def payload():
            known = mine["transactionId"]
            return call.StopTransaction(
                transaction_id=-1 if known is None else known,
                id_tag=mine["idTag"],
                meter_stop=meter_stop,
                timestamp=timestamp,
                reason=reason,
            )

        def answered(_):
            report("stop-answered", transactionId=mine["transactionId"])

        self.send(payload, answered)
        report("stopped", registerWh=meter_stop, reason=str(reason.value), transactionId=number)
        finishing = ChargePointStatus.finishing if self.plugged else ChargePointStatus.available
        self.show_status(finishing)

    async def meter(self):
        while True:
            await asyncio.sleep(self.options.meter_ms / 1000)
            mine = self.charge
            if mine is None:
                continue
            self.register_mwh += round(self.options.power_w * self.options.meter_ms / 3600)
            report("meter", registerWh=self.register_wh)
            if self.link is None and len(self.outbox) > OUTBOX_MAX:
                continue
            energy, at = self.register_wh, now()
            self.send(lambda mine=mine, energy=energy, at=at: self.reading(mine, energy, at))

    def reading(self, mine, energy, at):
        sampled = [
            {
                "value": str(energy),
                "measurand": Measurand.energy_active_import_register,
                "unit": UnitOfMeasure.wh,
            },
            {
                "value": str(self.options.power_w),
                "measurand": Measurand.power_active_import,
                "unit": UnitOfMeasure.w,
            },
        ]
        return call.MeterValues(
            connector_id=CONNECTOR,
            transaction_id=mine["transactionId"],
            meter_value=[{"timestamp": at, "sampled_value": sampled}],
        )

    # ---- the link

    async def come_back(self):
        options = self.options
        login = base64.b64encode(f"{options.id}:{options.password}".encode()).decode()
        self.socket = await websockets.connect(
            f"{options.url}/{options.id}",
            subprotocols=["ocpp1.6"],
            additional_headers={"Authorization": f"Basic {login}"},
        )
        pile = Pile(self, self.socket)
        self.tasks = [asyncio.create_task(self.listen(pile))]
        boot = await pile.call(
            call.BootNotification(
                charge_point_vendor="python ocpp",
                charge_point_model="independent",
                firmware_version="2.1.0",
            ),
            suppress=False,
        )
        if boot.status != RegistrationStatus.accepted:
            report("not-accepted", status=boot.status)
            return
        self.link = pile
        self.tasks.append(asyncio.create_task(self.beat(pile, boot.interval)))
        report("booted", interval=boot.interval)
        self.show_status(ChargePointStatus.available, connector=0)
        self.show_status()
        self.wake.set()

    async def listen(self, pile):
        try:
            await pile.start()
        except websockets.ConnectionClosed:
            if self.link is pile:
                self.link = None
                report("link-lost")

    async def beat(self, pile, interval):
        while self.link is pile:
            await asyncio.sleep(interval)
            if self.link is pile:
                await pile.call(call.Heartbeat())

    async def cut(self):
        """No goodbye: the transport is gone, as with a pulled cable."""
        self.link = None
        for task in self.tasks + ([] if self.sending is None else [self.sending]):
            task.cancel()
        if self.socket is not None:
            self.socket.transport.abort()
        report("cut")

    async def boot_again(self, reason):
        await asyncio.sleep(HANDSHAKE_S)
        self.end(reason)
        await self.cut()
        await self.come_back()

    # ---- what the tester orders

    async def obey(self, order):
        match order.get("do"):
            case "plug":
                self.plugged = True
                report("plugged")
                self.show_status()
                await self.begin_if_ready()
            case "unplug":
                self.end(Reason.ev_disconnected)
                self.plugged = False
                report("unplugged")
                self.show_status()
            case "card":
                tag = order["idTag"]
                answer = await self.link.call(call.Authorize(id_tag=tag), suppress=False)
                status = answer.id_tag_info["status"]
                report("authorized", idTag=tag, status=status)
                if status == AuthorizationStatus.accepted and self.plugged and self.charge is None:
                    self.begin(tag)
            case "local-stop":
                self.end(Reason.local)
            case "cut":
                await self.cut()
            case "come-back":
                await self.come_back()
            case "exit":
                if self.socket is not None:
                    await self.socket.close()
                return False
            case other:
                report("error", message=f"no order '{other}'")
        return True


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("--id", required=True)
    parser.add_argument("--password", required=True)
    parser.add_argument("--power-w", type=int, default=7200)
    parser.add_argument("--register-wh", type=int, default=0)
    parser.add_argument("--meter-ms", type=int, default=1000)
    street = Street(parser.parse_args())
    background = [asyncio.create_task(street.flush()), asyncio.create_task(street.meter())]
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    try:
        await street.come_back()
    except Exception as error:
        report("error", message=repr(error))
        return 1
    while line := await lines.readline():
        try:
            if not await street.obey(json.loads(line)):
                break
        except Exception as error:
            report("error", message=repr(error))
    for task in background + street.tasks:
        task.cancel()
    return 0


sys.exit(asyncio.run(main()))
