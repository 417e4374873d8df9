import type { Hono, MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { methodNotAllowed } from "hono/method-not-allowed";
import { within } from "../within.ts";
import type { HttpContext, HttpEnv } from "./context.ts";
import { answerProblem, Problem } from "./problem.ts";

const MAX_BODY_BYTES = 64 * 1_024;

const ANSWER_MS = 15_000;

/** Nobody waits longer than that for an answer. */
export const timeLimit: MiddlewareHandler<HttpEnv> = async (_, next) => {
  await within(ANSWER_MS, next(), () => new Problem("timeout", `No answer within ${ANSWER_MS / 1_000} seconds.`));
};

/** Nobody sends more than that. */
export const sizeLimit: MiddlewareHandler<HttpEnv> = bodyLimit({
  maxSize: MAX_BODY_BYTES,
  onError: () => Promise.reject(new Problem("too_large", "The body has more than 64 KiB.")),
});

/** An address that has routes, but none with this method, says which it has. */
export const knownMethods = (app: Hono<HttpEnv>, context: HttpContext): MiddlewareHandler<HttpEnv> =>
  methodNotAllowed({
    app,
    onMethodNotAllowed: (c, methods) => {
      const names = methods.join(", ");
      const answer = answerProblem(new Problem("method_not_allowed", `This route takes ${names}.`), c, context);
      answer.headers.set("Allow", names);
      return answer;
    },
  });
