// Lint of the .vue files alone; everything else is oxlint's (.oxlintrc.json).
import vue from "eslint-plugin-vue";
import typescript from "typescript-eslint";

export default [
  { ignores: ["**/dist/**", "**/dist.new/**", "**/node_modules/**"] },
  ...vue.configs["flat/essential"],
  {
    files: ["**/*.vue"],
    languageOptions: { parserOptions: { parser: typescript.parser } },
    plugins: { "@typescript-eslint": typescript.plugin },
    rules: {
      "vue/block-lang": ["error", { script: { lang: "ts" } }],
      "vue/component-api-style": ["error", ["script-setup"]],
      "vue/multi-word-component-names": "off",
      "vue/no-v-html": "error",
      "vue/no-unused-refs": "error",
      "vue/no-required-prop-with-default": "error",
      "vue/require-explicit-emits": "error",
      "vue/define-props-declaration": "error",
      "vue/define-emits-declaration": "error",
      "@typescript-eslint/no-explicit-any": "error",
    },
  },
];
