export const pageStyle = "";
