import about from "../../package.json" with { type: "json" };

/** Of package.json; imported, so that a bundle for an edge runtime carries it. */
export const { version } = about;
