// Who a device is, and what became of its frames.

import { formatNumber } from "../lib/format";
import { hasText, t, td } from "../lib/i18n";
import { formatDateTime } from "../lib/time";
import { DROP_REASONS, type Device, type Ledger } from "../lib/types";
import { Badge, Card, CopyButton, Empty, Facts, Icon, Labels, Time } from "../ui";
import { reasonText } from "./news";

export function Identity({ device }: { device: Device }) {
  const { presence } = device;
  return (
    <Card title={t("device.identity")}>
      <Facts
        items={[
          [t("device.address"), <span class="row-tight"><span class="mono">{device.address}</span> <CopyButton small text={String(device.address)} /></span>],
          [t("device.type_id"), <span class="mono">{device.type}/{device.id}</span>],
          [t("ui.group"), device.group],
          [t("devices.labels"), device.labels.length ? <Labels labels={device.labels} /> : <span class="muted">–</span>],
          [t("device.login"), <span class="row-tight">{t(`device.login_${device.login}`)}{device.weak && <Badge tone="warn" icon="weak">{t("devices.weak")}</Badge>}</span>],
          [t("device.rights"), <>{t(`device.rights_${device.rights}`)}</>],
          presence.state !== "never_seen" && [
            t(presence.state === "online" ? "device.online_since" : "device.offline_since"),
            <>{presence.since_ms === null ? "–" : formatDateTime(presence.since_ms)}{presence.reason && <span class="muted"> ({reasonText(presence.reason)})</span>}</>,
          ],
          [t("device.last_byte"), <Time ms={presence.last_byte_ms} full />],
          device.login === "legacy" && [t("device.nonce_memory"), formatNumber(device.nonce_memory)],
        ]}
      />
    </Card>
  );
}

/** received = delivered + answered + dropped; copies made = delivered + dropped. */
export function LedgerCard({ ledger }: { ledger: Ledger | null }) {
  return (
    <Card title={t("ledger.title")}>
      {!ledger
        ? <Empty icon="audit" title={t("ledger.none")} hint={t("ledger.none_hint")} />
        : <Sums ledger={ledger} />}
    </Card>
  );
}

function Sums({ ledger }: { ledger: Ledger }) {
  const dropped = ledger.dropped.reduce((sum, n) => sum + n, 0);
  const underWay = ledger.received - ledger.delivered - ledger.answered - dropped;
  const reasons = DROP_REASONS.map((reason, i) => [reason, ledger.dropped[i] ?? 0] as const).filter(([, n]) => n > 0);
  return (
    <div class="stack">
      <p class="muted small">{t("ledger.hint")}</p>
      <div class="ledger-sum">
        <Sum label={t("ledger.received")} n={ledger.received} />
        <span class="ledger-sign" aria-hidden="true">=</span>
        <Sum label={t("ledger.delivered")} n={ledger.delivered} />
        <span class="ledger-sign" aria-hidden="true">+</span>
        <Sum label={t("ledger.answered")} n={ledger.answered} />
        <span class="ledger-sign" aria-hidden="true">+</span>
        <Sum label={t("ledger.dropped")} n={dropped} bad={dropped > 0} />
      </div>
      {underWay !== 0 && <p class="muted small"><Icon name="wait" size={14} /> {t("ledger.under_way", { n: underWay })}</p>}
      {reasons.length > 0 && (
        <dl class="ledger-reasons">
          {reasons.map(([reason, n]) => (
            <div key={reason}><dt><span class="mono small">{reason}</span>{hasText(`ledger.drop.${reason}`) && <span class="muted small"> {td(`ledger.drop.${reason}`)}</span>}</dt><dd class="num">{formatNumber(n)}</dd></div>
          ))}
        </dl>
      )}
      {ledger.copies_made > 0 && (
        <p class="muted small">{t("ledger.copies", { made: ledger.copies_made, delivered: ledger.copies_delivered, dropped: ledger.copies_dropped })}</p>
      )}
    </div>
  );
}

function Sum({ label, n, bad }: { label: string; n: number; bad?: boolean }) {
  return <div class={`ledger-one ${bad ? "is-bad" : ""}`}><span class="ledger-n" data-live>{formatNumber(n)}</span><span class="muted small">{label}</span></div>;
}
