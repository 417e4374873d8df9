/** Settles as `work` does, unless that takes longer than `ms`: then what `late` makes is thrown. `work` itself goes on unheard. */
export async function within<T>(ms: number, work: PromiseLike<T>, late: () => Error): Promise<T> {
  const tooLate = Promise.withResolvers<never>();
  const timer = setTimeout(() => tooLate.reject(late()), ms);
  try {
    return await Promise.race([work, tooLate.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** What is said of work that took too long. */
export const tookLonger = (what: string, ms: number) => () => new Error(`${what} took longer than ${ms} ms`);
