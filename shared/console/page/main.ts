import { started } from "./start";
import { mount } from "svelte";
import App from "./App.svelte";
import { loaded } from "./chunk";
import { prefetchOnIntent } from "./prefetch";
import { pageOf } from "./routes";
import "./state/theme.svelte";
import "./styles/index.css";
import { language } from "./words/language.svelte";
import { speak } from "./words/words.svelte";

/**
 * How long the frame waits for the session, in milliseconds. If the answer comes meanwhile, the
 * page asks for what it shows before the browser paints, which takes longer than a request.
 */
const FRAME_MS = 250;

document.documentElement.lang = language.value;
// All that the first page needs is asked for at once. Each awaits its own part where it is used.
pageOf(location.pathname)?.page.load().catch(() => {});
await loaded(() => speak(language.value));
await Promise.race([
  started.catch(() => {}),
  new Promise((resolve) => setTimeout(resolve, FRAME_MS)),
]);
const page = document.getElementById("page")!;
page.replaceChildren();
mount(App, { target: page, props: { started } });
prefetchOnIntent();
