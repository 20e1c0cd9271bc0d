/** What a device has, for fields that name it. */
import { api } from "../lib/api";
import { useResource } from "../lib/resource";
import type { ActuatorInfo, Capabilities, SensorInfo } from "../lib/types";

export function useCapabilities(address: number | null): { sensors: SensorInfo[]; actuators: ActuatorInfo[]; known: boolean } {
  const { data } = useResource(address === null ? null : `capabilities ${address}`, () => api.get<Capabilities>(`/devices/${address}/capabilities`));
  return { sensors: data?.sensors ?? [], actuators: data?.actuators ?? [], known: data !== undefined };
}
