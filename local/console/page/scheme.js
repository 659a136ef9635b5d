// Light or dark as the system has it, where the style sheets look for it.
const dark = matchMedia('(prefers-color-scheme: dark)')
const { dataset, classList } = document.documentElement
const follow = () => {
  dataset.bsTheme = dark.matches ? 'dark' : 'light'
  classList.toggle('dark-mode', dark.matches)
}
dark.addEventListener('change', follow)
follow()
