// Loads a page and holds it; what goes wrong in a page stays in it.

import { Component, type ComponentChildren, type ComponentType } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../lib/i18n";
import { link } from "../lib/routes";
import type { PageRoute } from "../routes";
import { Button, LinkButton } from "../ui/button";
import { Empty, Spinner } from "../ui/note";
import { Page } from "../ui/page";

const loaded = new Map<string, ComponentType>();
let firstPage = true;

export function PageHost({ page }: { page: PageRoute }) {
  const [Shown, setShown] = useState<ComponentType | undefined>(() => loaded.get(page.path));
  const [failed, setFailed] = useState(false);
  const box = useRef<HTMLDivElement>(null);

  const load = () => {
    setFailed(false);
    page.load().then(
      (component) => {
        loaded.set(page.path, component);
        setShown(() => component);
      },
      () => setFailed(true),
    );
  };
  useEffect(() => {
    if (!Shown) load();
  }, []);
  useEffect(() => {
    if (!Shown) return;
    // A new page starts at its heading, for the keyboard and for screen readers; not the first one.
    if (!firstPage) box.current?.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
    firstPage = false;
  }, [Shown]);

  if (failed) {
    return (
      <Empty
        icon="warn" title={t("app.page_failed")} hint={t("app.page_failed_hint")}
        action={<Button icon="refresh" onClick={() => location.reload()}>{t("error.retry")}</Button>}
      />
    );
  }
  if (!Shown) return <Spinner />;
  return <div class="page-host" ref={box}><Boundary><Shown /></Boundary></div>;
}

class Boundary extends Component<{ children?: ComponentChildren }, { broken: boolean }> {
  override state = { broken: false };

  override componentDidCatch(error: unknown): void {
    console.error(error);
    this.setState({ broken: true });
  }

  override render() {
    if (!this.state.broken) return this.props.children;
    return (
      <Empty
        icon="warn" title={t("app.crashed")} hint={t("app.crashed_hint")}
        action={<Button icon="refresh" onClick={() => this.setState({ broken: false })}>{t("error.retry")}</Button>}
      />
    );
  }
}

export function NotFound() {
  return (
    <Page title={t("app.not_found")}>
      <Empty icon="search" title={t("app.not_found")} hint={t("app.not_found_hint")} action={<LinkButton href={link("/")}>{t("app.home")}</LinkButton>} />
    </Page>
  );
}

export function Refused() {
  return (
    <Page title={t("app.no_access")}>
      <Empty icon="lock" title={t("app.no_access")} hint={t("app.no_access_hint")} action={<LinkButton href={link("/")}>{t("app.home")}</LinkButton>} />
    </Page>
  );
}
