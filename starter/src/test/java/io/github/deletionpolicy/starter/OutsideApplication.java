package io.github.deletionpolicy.starter;

import java.io.File;
import java.io.IOException;
import java.io.Writer;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

import org.apache.maven.settings.Profile;
import org.apache.maven.settings.Repository;
import org.apache.maven.settings.RepositoryPolicy;
import org.apache.maven.settings.Settings;
import org.apache.maven.settings.io.xpp3.SettingsXpp3Writer;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.awaitility.core.TerminalFailureException;

import org.springframework.util.FileSystemUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application that is built by a Maven of its own, as a user would build it. It finds
 * our artifacts where this build has staged them, and everything else in the local
 * repository of this build before it asks anybody else.
 */
final class OutsideApplication {

	private static final Path TARGET = Path.of("target").toAbsolutePath();

	private static final String LIBRARIES = "BOOT-INF/lib/";

	private final Path jar;

	private OutsideApplication(Path jar) {
		this.jar = jar;
	}

	static OutsideApplication build(Path sources) throws IOException, InterruptedException {
		return build(sources, setting("spring-boot"));
	}

	static OutsideApplication build(Path sources, String springBoot) throws IOException, InterruptedException {
		return build(sources, springBoot, sources.getFileName() + "-on-" + springBoot, Map.of());
	}

	/**
	 * Build an application with its tests.
	 * @param sources its project
	 * @param springBoot the version of Spring Boot
	 * @param name what to call this build
	 * @param environment variables for the build
	 * @param arguments of Maven's
	 */
	static OutsideApplication build(Path sources, String springBoot, String name, Map<String, String> environment,
			String... arguments) throws IOException, InterruptedException {
		Path project = TARGET.resolve(name);
		FileSystemUtils.deleteRecursively(project);
		FileSystemUtils.copyRecursively(sources, project);
		// The root of a build: without it Maven would find ours further up.
		Files.createDirectory(project.resolve(".mvn"));

		List<String> command = new ArrayList<>();
		command.add(Path.of(setting("maven-home"), "bin", isWindows() ? "mvn.cmd" : "mvn").toString());
		command.addAll(List.of("-B", "-ntp", "-Dmaven.repo.local=" + setting("staged-repository")));
		command.addAll(List.of("-gs", writeSettings(Path.of(setting("local-repository")).toUri()).toString()));
		if (Files.exists(Path.of(setting("user-settings")))) {
			command.addAll(List.of("-s", setting("user-settings")));
		}
		command.addAll(List.of(setting("versions").strip().split("\\s+")));
		command.add("-Dspring-boot.version=" + springBoot);
		command.addAll(List.of(arguments));
		command.add("package");

		Path log = TARGET.resolve(name + "-build.log");
		ProcessBuilder builder = new ProcessBuilder(command).directory(project.toFile());
		builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
		builder.environment().putAll(environment);
		Process process = start(builder, log);
		try {
			assertThat(process.waitFor(10, TimeUnit.MINUTES)).as("the build ends").isTrue();
		}
		finally {
			end(process);
		}
		assertThat(process.exitValue()).as(() -> "the build of %s%n%s".formatted(project, read(log))).isZero();
		return new OutsideApplication(project.resolve("target").resolve(sources.getFileName() + ".jar"));
	}

	/**
	 * Return the file that the build left behind.
	 */
	Path output(String name) {
		return this.jar.resolveSibling(name);
	}

	/**
	 * Return the names of the jars that Maven resolved.
	 */
	List<String> libraries() throws IOException {
		try (JarFile file = new JarFile(this.jar.toFile())) {
			return file.stream()
				.map(JarEntry::getName)
				.filter((name) -> name.startsWith(LIBRARIES) && name.endsWith(".jar"))
				.map((name) -> name.substring(LIBRARIES.length()))
				.toList();
		}
	}

	Run run(String jdbcUrl) throws IOException {
		return run(jdbcUrl, List.of(), List.of());
	}

	Run run(String jdbcUrl, List<String> options, List<String> arguments) throws IOException {
		Path log = this.jar.resolveSibling("run.log");
		List<String> command = new ArrayList<>();
		command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
		command.addAll(options);
		command.addAll(List.of("-jar", this.jar.toString()));
		command.addAll(arguments);
		ProcessBuilder builder = new ProcessBuilder(command);
		builder.environment().keySet().removeIf((name) -> name.startsWith("SPRING_"));
		builder.environment().put("SPRING_DATASOURCE_URL", jdbcUrl);
		return new Run(start(builder, log), log);
	}

	private static Process start(ProcessBuilder builder, Path log) throws IOException {
		return builder.redirectErrorStream(true).redirectOutput(log.toFile()).redirectInput(nothing()).start();
	}

	private static ProcessBuilder.Redirect nothing() {
		return ProcessBuilder.Redirect.from(new File(isWindows() ? "NUL" : "/dev/null"));
	}

	private static void end(Process process) throws InterruptedException {
		List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
		all.add(process.toHandle());
		all.forEach(ProcessHandle::destroy);
		if (!process.waitFor(30, TimeUnit.SECONDS)) {
			all.forEach(ProcessHandle::destroyForcibly);
			process.waitFor();
		}
	}

	/**
	 * Have Maven ask the local repository of this build first.
	 */
	private static Path writeSettings(URI localRepository) throws IOException {
		RepositoryPolicy releases = new RepositoryPolicy();
		releases.setChecksumPolicy("ignore");
		RepositoryPolicy snapshots = new RepositoryPolicy();
		snapshots.setEnabled(false);
		Repository repository = new Repository();
		repository.setId("local-repository-of-the-outer-build");
		repository.setUrl(localRepository.toString());
		repository.setReleases(releases);
		repository.setSnapshots(snapshots);
		Profile profile = new Profile();
		profile.setId("outer-build");
		profile.addRepository(repository);
		profile.addPluginRepository(repository);
		Settings settings = new Settings();
		settings.addProfile(profile);
		settings.addActiveProfile(profile.getId());
		Path file = TARGET.resolve("outside-settings.xml");
		try (Writer writer = Files.newBufferedWriter(file)) {
			new SettingsXpp3Writer().write(writer, settings);
		}
		return file;
	}

	static String setting(String name) {
		String value = System.getProperty("twelve-lines." + name);
		assertThat(value).as("twelve-lines.%s; run this test with mvn -pl starter -am verify", name).isNotNull();
		return value;
	}

	private static boolean isWindows() {
		return System.getProperty("os.name").startsWith("Windows");
	}

	private static String read(Path log) {
		try {
			return Files.readString(log);
		}
		catch (IOException ex) {
			return ex.toString();
		}
	}

	/**
	 * The application while it runs.
	 *
	 * @param process its process
	 * @param log what it prints
	 */
	record Run(Process process, Path log) implements AutoCloseable {

		<T> T await(String what, Callable<Optional<T>> condition) {
			try {
				return Awaitility.await(what)
					.atMost(Duration.ofMinutes(2))
					.pollInterval(Duration.ofMillis(100))
					.failFast("the application ended", () -> !this.process.isAlive())
					.until(condition, Optional::isPresent)
					.orElseThrow();
			}
			catch (ConditionTimeoutException | TerminalFailureException ex) {
				throw new AssertionError("Waited for %s:%n%s".formatted(what, read(this.log)), ex);
			}
		}

		@Override
		public void close() throws InterruptedException {
			end(this.process);
		}

	}

}
