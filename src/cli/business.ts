import { type Day, dayOf, isoInZone } from "../day.ts";
import { findZone } from "../store/business_days.ts";
import type { Session } from "./session.ts";

/** Days and times as the business counts them. */
export interface Business {
  zone: string;
  now: Date;
  today: Day;
  /** `2024-01-15 02:00` in the business's zone. */
  time(instant: Date): string;
}

export function businessIn(zone: string, now: Date): Business {
  return {
    zone,
    now,
    today: dayOf(now, zone),
    time: (instant) => isoInZone(instant, zone).slice(0, 16).replace("T", " "),
  };
}

/** The workers' zone, whatever this environment says: days in the database are counted there. */
export async function findBusiness({ sql, config, io }: Session): Promise<Business> {
  return businessIn((await findZone(sql)) ?? config.TIMEZONE, io.now());
}
