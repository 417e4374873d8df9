import type { MiddlewareHandler } from "hono";
import type { HttpEnv } from "./context.ts";
import { Problem } from "./problem.ts";

const ANSWER_MS = 15_000;

/** `promise`, unless it takes longer than that: then what `late` makes is thrown. What runs on is not stopped. */
export async function within<T>(ms: number, promise: PromiseLike<T>, late: () => Error): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), ms);
  });
  try {
    return await Promise.race([promise, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

/** Nobody waits longer than that for an answer. */
export const timeLimit: MiddlewareHandler<HttpEnv> = async (_, next) => {
  await within(ANSWER_MS, next(), () => new Problem("timeout", `No answer within ${ANSWER_MS / 1_000} seconds.`));
};
