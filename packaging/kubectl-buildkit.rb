# The formula for Homebrew; a release fills in version, addresses and checksums (packaging/fill).
class KubectlBuildkit < Formula
  desc "Build container images on the Kubernetes cluster of the active kube context"
  homepage "https://github.com/{{ .PluginOwner }}/{{ .PluginRepo }}"
  version "{{ .Version }}"
  license "Apache-2.0"

  on_macos do
    on_arm do
      url "https://github.com/{{ .PluginOwner }}/{{ .PluginRepo }}/releases/download/{{ .TagName }}/kubectl-buildkit-darwin-arm64.tar.gz"
      sha256 "{{ .Sha256 }}"
    end
    on_intel do
      url "https://github.com/{{ .PluginOwner }}/{{ .PluginRepo }}/releases/download/{{ .TagName }}/kubectl-buildkit-darwin-amd64.tar.gz"
      sha256 "{{ .Sha256 }}"
    end
  end

  on_linux do
    on_arm do
      url "https://github.com/{{ .PluginOwner }}/{{ .PluginRepo }}/releases/download/{{ .TagName }}/kubectl-buildkit-linux-arm64.tar.gz"
      sha256 "{{ .Sha256 }}"
    end
    on_intel do
      url "https://github.com/{{ .PluginOwner }}/{{ .PluginRepo }}/releases/download/{{ .TagName }}/kubectl-buildkit-linux-amd64.tar.gz"
      sha256 "{{ .Sha256 }}"
    end
  end

  def install
    bin.install "kubectl-buildkit"
    bin.install "completions/kubectl_complete-buildkit"
    bash_completion.install "completions/kubectl-buildkit.bash" => "kubectl-buildkit"
    zsh_completion.install "completions/kubectl-buildkit.zsh" => "_kubectl-buildkit"
    fish_completion.install "completions/kubectl-buildkit.fish"
    man1.install Dir["man/*.1"]
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/kubectl-buildkit version --client")
  end
end
