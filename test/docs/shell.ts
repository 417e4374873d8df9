const TOKEN =
  /\\\n\s*|(?<=^|\s)#.*|(?<end>\n|&&|;|\|)|(?<space>[ \t]+)|'(?<single>[^']*)'|"(?<double>(?:\\.|\$\([^)]*\)|[^"\\])*)"|(?<bare>\$\([^)]*\)|\\.|[^\s'"\\|;&#]|[&#])/gm;

/** The commands of a shell script as lists of words, with `$VARIABLE` filled in where it is known; what `$( )` would print is left as it stands. */
export function commandsIn(script: string, variables: Record<string, string> = {}): string[][] {
  const expanded = (text: string) => text.replaceAll(/\$(\w+)/g, (all, name) => variables[name] ?? all);
  const commands: string[][] = [[]];
  let word: string | undefined;
  const endWord = () => {
    if (word !== undefined) commands.at(-1)!.push(word);
    word = undefined;
  };
  for (const { groups = {} } of script.matchAll(TOKEN)) {
    const { end, space, single, double, bare } = groups;
    if (space !== undefined || end !== undefined) endWord();
    if (end !== undefined) commands.push([]);
    const part = single ?? double?.replaceAll(/\\(["\\$])/g, "$1") ?? bare;
    if (part !== undefined) word = (word ?? "") + part;
    if (part !== undefined && single === undefined) word = expanded(word!);
  }
  endWord();
  return commands.filter((words) => words.length > 0);
}

/** A request as curl would send it. */
export interface CurlRequest {
  url: string;
  method: string;
  headers: Record<string, string>;
  body: string | undefined;
}

const FLAGS = new Set(["-s", "-S", "-sS", "-f", "-i"]);

/** What a curl command line asks for. Throws at an option that it does not know. */
export function curlRequest([, ...words]: readonly string[]): CurlRequest {
  const request = {
    urls: [] as string[],
    method: "",
    headers: {} as Record<string, string>,
    data: [] as string[],
    isGet: false,
  };
  const encoded = (pair: string) =>
    pair.replace(/^([^=]*=)(.*)$/s, (_all, name, value) => name + encodeURIComponent(value));
  const options: Record<string, (value: string) => void> = {
    "-X": (value) => {
      request.method = value;
    },
    "-d": (value) => void request.data.push(value),
    "-H": (value) => {
      const [name = "", ...rest] = value.split(":");
      request.headers[name.trim()] = rest.join(":").trim();
    },
    "--data-urlencode": (value) => void request.data.push(encoded(value)),
  };
  for (let index = 0; index < words.length; index++) {
    const word = words[index]!;
    if (word === "-G") request.isGet = true;
    else if (options[word]) options[word](words[++index] ?? "");
    else if (!word.startsWith("-")) request.urls.push(word);
    else if (!FLAGS.has(word)) throw new Error(`curl ${word} is checked by nobody`);
  }
  const [url, ...more] = request.urls;
  if (!url || more.length > 0)
    throw new Error(`curl wants one address, not ${request.urls.length}: ${words.join(" ")}`);
  const data = request.data.length > 0 ? request.data.join("&") : undefined;
  const asQuery = request.isGet && data !== undefined;
  return {
    url: asQuery ? `${url}?${data}` : url,
    method: request.method || (data === undefined || asQuery ? "GET" : "POST"),
    headers: request.headers,
    body: asQuery ? undefined : data,
  };
}
