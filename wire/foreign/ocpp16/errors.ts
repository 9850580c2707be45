// Error codes of OCPP-J 1.6 (part "JSON over WebSocket", 4.2.3), with its own spelling of "Occurence".
export const ocppErrorCodes = [
  "NotImplemented", // nobody ever defined that action
  "NotSupported", // defined, but not for us
  "InternalError",
  "ProtocolError",
  "SecurityError",
  "FormationViolation", // not the shape of a message at all
  "PropertyConstraintViolation", // right type, value outside its set or length
  "OccurenceConstraintViolation", // a field missing, or too many or too few of it
  "TypeConstraintViolation",
  "GenericError",
] as const;
export type OcppErrorCode = typeof ocppErrorCodes[number];
