// Money as people type it: yuan with at most two decimals; null: not an amount.
export function fenIn(yuan: string): number | null {
  return /^[0-9]{1,7}(\.[0-9]{1,2})?$/.test(yuan) ? Math.round(Number(yuan) * 100) : null;
}
