// Everything that pages are made of.

export { Badge, CommandState, isOpen, Labels, Severity, State, type Tone } from "./badge";
export { Button, IconButton, LinkButton, type ButtonProps } from "./button";
export { CopyButton, copyText, Secret } from "./copy";
export { confirmDialog, Dialog } from "./dialog";
export {
  Checkbox, Choice, Field, NumberInput, Select, Slider, Switch, TextArea, TextInput, useTied, type Option,
} from "./field";
export { Icon, type IconName } from "./icon";
export { KeyHint } from "./keyhint";
export { Menu, type MenuItem } from "./menu";
export { Empty, ErrorNote, Note, Spinner } from "./note";
export { Card, Facts, Page } from "./page";
export { DeviceLink, DevicePicker, GroupSelect, SearchInput } from "./pick";
export { Table, type Column } from "./table";
export { Tabs, type Tab } from "./tabs";
export { Ago, Time, useTick } from "./time";
export { toast, toastError, type ToastTone } from "./toast";
export { VirtualList } from "./virtual";
