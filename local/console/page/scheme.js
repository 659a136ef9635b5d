// Sets the system's light or dark scheme where Bootstrap and Swagger UI look for it.
const dark = matchMedia('(prefers-color-scheme: dark)')
const { dataset, classList } = document.documentElement
const follow = () => {
  dataset.bsTheme = dark.matches ? 'dark' : 'light'
  classList.toggle('dark-mode', dark.matches)
}
dark.addEventListener('change', follow)
follow()
