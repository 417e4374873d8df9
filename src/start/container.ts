/** What a signal does. Until there is a service to stop, nothing has begun that needs an end. */
let stop: (signal: string) => unknown = () => process.exit(0);
for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void stop(signal));

// Loading the rest takes a second or more: a signal that comes meanwhile is heard.
const { live } = await import("./life.ts");
await live((stopService) => {
  stop = stopService;
});
