// What `npm run sim -- --help` says.
export const USAGE = `Simulated piles, drivers and load for a Chargeward platform.

npm run sim -- <command> [options]

  pile        one pile until Ctrl-C; orders are read from stdin (type "help")
      --lane native|ocpp   --id ID   --secret SECRET   --url URL
        native: --url nats://host:port --platform-key KEY [--tenant main]
        ocpp:   --url ws://host:port/ocpp [--sample-seconds 10]
      [--power-kw 60] [--ac] [--register WH] [--file MEMORY.json]
      [--plug] [--soc 30] [--card TAG] [--fault CODE] [--bad NAME[=VALUE],...]

  charge      one whole charge by a driver: sign in, start, watch, stop, pay
      --url http://host:port   --phone PHONE   --pile ID [--connector 1]
      [--wh 500 | --seconds 30]  what ends it   [--by wallet] [--auto-capture]
      [--recharge FEN]  money first, by the sandbox provider
      [--code CODE]     a sign-in code that came by SMS; left out: one from the demo's inbox

  city        the demo city; environment: CHARGEWARD_URL, NATS_URL, CHARGEWARD_DATA

  fleet       many piles, for load; made on the platform at the first start
      --piles 1000   --lane native|ocpp   --url http://host:port
      [--nats-url nats://host:port] [--demo .data/demo.json] [--keys fleet.json]
      [--prefix FLEET-] [--charging 0]  so many of them charge, each by a driver of its own
      [--seconds 0]  [--tenant main]

  tick-load   readings at a given rate over a fleet's piles; they must not be running elsewhere
      --piles 100   --rate 1000   --seconds 30   and --lane, --url, ... as in fleet

Everywhere: --json one JSON object a line; --help.
Exit code: 0 done, 1 something failed, 2 the command line is wrong.`;

export const PILE_ORDERS = `orders:
  plug [SOC] | unplug | card TAG | stop | estop | fault CODE | bms CODE | push | clear
  bad NAME[=VALUE],... | good | cut [MS] | power-off [MS] | power-on | meter WH | status | exit`;
