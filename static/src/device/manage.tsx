// What managers do with a device: describe, rotate its serial, disable, move, remove.

import { useState } from "preact/hooks";
import { api, toApiError } from "../lib/api";
import { deviceName } from "../lib/devices";
import { t } from "../lib/i18n";
import { can, useMe } from "../lib/me";
import { go } from "../lib/routes";
import type { Capabilities, Credential, Device } from "../lib/types";
import { Button, confirmDialog, Dialog, Field, Menu, Note, Select, TextInput, toast, toastError } from "../ui";
import { CredentialDialog } from "./credential";
import { Describe } from "./describe";

type Open = "describe" | "move" | "remove" | null;

export function Manage({ device, caps, onChanged }: { device: Device; caps: Capabilities | undefined; onChanged: () => void }) {
  const [open, setOpen] = useState<Open>(null);
  const [credential, setCredential] = useState<Credential>();
  const name = deviceName(device);

  const setDisabled = async (disabled: boolean) => {
    if (disabled && !(await confirmDialog(t("manage.disable_ask", { name }), { ok: t("manage.disable"), danger: true }))) return;
    try {
      await api.patch(`/devices/${device.address}`, { disabled });
      toast(t(disabled ? "manage.disabled" : "manage.enabled", { name }));
      onChanged();
    } catch (error) {
      toastError(error);
    }
  };
  const rotate = async () => {
    if (!(await confirmDialog(t("manage.rotate_ask", { name }), { ok: t("manage.rotate"), danger: true }))) return;
    try {
      setCredential(await api.post<Credential>(`/devices/${device.address}/serial`));
    } catch (error) {
      toastError(error);
    }
  };
  return (
    <>
      <Menu
        label={t("manage.menu")} icon="settings" kind="plain"
        items={[
          { label: t("device.describe"), icon: "edit", onClick: () => setOpen("describe"), disabled: !caps },
          { label: t("manage.rotate"), icon: "key", onClick: () => void rotate() },
          device.disabled
            ? { label: t("manage.enable"), icon: "power", onClick: () => void setDisabled(false) }
            : { label: t("manage.disable"), icon: "power", onClick: () => void setDisabled(true) },
          can("administer") && { label: t("manage.move"), icon: "move", onClick: () => setOpen("move") },
          { label: t("manage.remove"), icon: "trash", danger: true, onClick: () => setOpen("remove") },
        ]}
      >
        {t("manage.menu")}
      </Menu>
      {open === "describe" && caps && (
        <Describe
          address={device.address} caps={caps} onClose={() => setOpen(null)}
          onDone={() => {
            setOpen(null);
            onChanged();
          }}
        />
      )}
      {open === "move" && <Move device={device} onClose={() => setOpen(null)} onChanged={onChanged} />}
      {open === "remove" && <Remove device={device} onClose={() => setOpen(null)} />}
      {credential && (
        <CredentialDialog
          credential={credential} rotated title={t("manage.rotated")}
          onClose={() => {
            setCredential(undefined);
            onChanged();
          }}
        />
      )}
    </>
  );
}

function Move({ device, onClose, onChanged }: { device: Device; onClose: () => void; onChanged: () => void }) {
  const { groups } = useMe();
  const others = groups.filter((g) => g !== device.group);
  const [group, setGroup] = useState(others[0] ?? "");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const submit = async () => {
    setBusy(true);
    try {
      await api.patch(`/devices/${device.address}`, { group });
      toast(t("manage.moved", { name: deviceName(device), group }));
      onChanged();
      onClose();
    } catch (refused) {
      setError(toApiError(refused).detail);
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={t("manage.move")} onClose={onClose} onSubmit={() => void submit()}
      actions={<><Button onClick={onClose}>{t("ui.cancel")}</Button><Button type="submit" kind="primary" busy={busy} disabled={!group}>{t("manage.move")}</Button></>}
    >
      {error && <div role="alert"><Note tone="bad">{error}</Note></div>}
      {!others.length
        ? <p>{t("manage.no_other_group")}</p>
        : (
          <>
            <Field label={t("manage.to_group")}><Select value={group} onInput={setGroup} options={others.map((value) => ({ value, label: value }))} /></Field>
            <Note tone="warn">{t("manage.move_hint", { group: device.group })}</Note>
          </>
        )}
    </Dialog>
  );
}

function Remove({ device, onClose }: { device: Device; onClose: () => void }) {
  const [typed, setTyped] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const [tried, setTried] = useState(false);
  const right = typed.trim() === device.id;
  const submit = async () => {
    setTried(true);
    if (!right) return;
    setBusy(true);
    try {
      await api.del(`/devices/${device.address}`);
      toast(t("manage.removed", { name: deviceName(device) }));
      go("/devices");
    } catch (refused) {
      setError(toApiError(refused).detail);
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={t("manage.remove")} onClose={onClose} onSubmit={() => void submit()}
      actions={<><Button onClick={onClose}>{t("ui.cancel")}</Button><Button type="submit" kind="danger" icon="trash" busy={busy}>{t("manage.remove")}</Button></>}
    >
      {error && <div role="alert"><Note tone="bad">{error}</Note></div>}
      <p>{t("manage.remove_hint", { name: deviceName(device) })}</p>
      <Field label={t("manage.type_id", { id: device.id })} error={tried && !right ? t("manage.not_same") : null}>
        <TextInput value={typed} onInput={setTyped} mono autofocus />
      </Field>
    </Dialog>
  );
}
