package io.github.deletionpolicy.sample.browser;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Level;
import java.util.stream.Stream;

import com.deque.html.axecore.results.Rule;
import com.deque.html.axecore.selenium.AxeBuilder;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Assumptions;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebDriverException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Debian's Chromium on the sample application.
 */
final class Browser implements AutoCloseable {

	private static final String ABSENT = "Chromium or its driver is not installed, so no page was looked at. "
			+ "On Debian: apt-get install chromium chromium-driver";

	private final ChromeDriver driver;

	private final String address;

	private Browser(ChromeDriver driver, String address) {
		this.driver = driver;
		this.address = address;
	}

	/**
	 * Start a browser. Where there is none the test is skipped; it fails if the
	 * environment variable {@code CI} is {@code true}.
	 */
	static Browser open(int port) {
		Optional<File> chromium = find("chromium");
		Optional<File> chromedriver = find("chromedriver");
		boolean present = chromium.isPresent() && chromedriver.isPresent();
		if ("true".equals(System.getenv("CI"))) {
			assertThat(present).as(ABSENT).isTrue();
		}
		Assumptions.assumeTrue(present, ABSENT);
		ChromeOptions options = new ChromeOptions().setBinary(chromium.get());
		// The sandbox needs rights that root and containers do not have; nothing but the
		// sample is opened.
		options.addArguments("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu",
				"--disable-background-networking", "--hide-scrollbars", "--window-size=1000,900");
		LoggingPreferences logs = new LoggingPreferences();
		logs.enable(LogType.BROWSER, Level.ALL);
		options.setCapability(ChromeOptions.LOGGING_PREFS, logs);
		ChromeDriverService service = new ChromeDriverService.Builder().usingDriverExecutable(chromedriver.get())
			.usingAnyFreePort()
			.build();
		return new Browser(new ChromeDriver(service, options), "http://localhost:" + port);
	}

	private static Optional<File> find(String program) {
		return Stream.of(System.getenv("PATH").split(File.pathSeparator))
			.map((directory) -> new File(directory, program))
			.filter(File::canExecute)
			.findFirst();
	}

	static ConditionFactory await() {
		return Awaitility.await()
			.atMost(Duration.ofSeconds(20))
			.pollInterval(Duration.ofMillis(100))
			.ignoreExceptionsInstanceOf(WebDriverException.class);
	}

	void go(String path) {
		this.driver.get(this.address + path);
	}

	String path() {
		return this.driver.getCurrentUrl().substring(this.address.length());
	}

	/**
	 * Click what has this name for a screen reader, as soon as it is there, and wait for
	 * the page that follows: whoever opens another one before that gets both, in any
	 * order.
	 */
	void click(String name) {
		WebElement page = this.driver.findElement(By.tagName("html"));
		await().untilAsserted(() -> named(name).click());
		await().until(() -> isGone(page));
	}

	private static boolean isGone(WebElement page) {
		try {
			page.getTagName();
			return false;
		}
		catch (StaleElementReferenceException ex) {
			return true;
		}
	}

	WebElement named(String name) {
		return this.driver.findElement(By.xpath(
				"//*[self::a or self::button][@aria-label=\"%1$s\" or (not(@aria-label) and normalize-space()=\"%1$s\")]"
					.formatted(name)));
	}

	String text(String css) {
		return this.driver.findElement(By.cssSelector(css)).getText();
	}

	List<String> texts(String css) {
		return this.driver.findElements(By.cssSelector(css)).stream().map(WebElement::getText).toList();
	}

	void press(CharSequence... keys) {
		new Actions(this.driver).sendKeys(keys).perform();
	}

	/**
	 * Press Tab until what has this name has the focus.
	 */
	void tabTo(String name) {
		for (int presses = 0; presses < 60; presses++) {
			press(Keys.TAB);
			if (name.equals(focused())) {
				return;
			}
		}
		throw new AssertionError("Tab never reaches '%s' on %s".formatted(name, path()));
	}

	String focused() {
		WebElement element = this.driver.switchTo().activeElement();
		String label = element.getDomAttribute("aria-label");
		return (label != null) ? label : element.getText().strip();
	}

	/**
	 * Give the page the width of a phone, or that of a desk again.
	 */
	void width(int pixels) {
		this.driver.executeCdpCommand("Emulation.setDeviceMetricsOverride",
				Map.of("width", pixels, "height", 800, "deviceScaleFactor", 1, "mobile", pixels < 600));
	}

	void dark(boolean dark) {
		this.driver.executeCdpCommand("Emulation.setEmulatedMedia",
				Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"))));
	}

	void script(boolean enabled) {
		this.driver.executeCdpCommand("Emulation.setScriptExecutionDisabled", Map.of("value", !enabled));
	}

	Object evaluate(String script) {
		return this.driver.executeScript("return " + script);
	}

	/**
	 * Return what axe-core finds wrong, if it is serious.
	 */
	List<String> seriousFindings() {
		return seriousFindings(new AxeBuilder());
	}

	/**
	 * Return what axe-core finds too pale. Nothing else depends on the colours.
	 */
	List<String> paleTexts() {
		return seriousFindings(new AxeBuilder().withOnlyRules(List.of("color-contrast")));
	}

	private List<String> seriousFindings(AxeBuilder axe) {
		// The pages have no frames, for which axe would open a window of its own each
		// time.
		return axe.setLegacyMode()
			.disableIframeTesting()
			.analyze(this.driver)
			.getViolations()
			.stream()
			.filter((rule) -> List.of("serious", "critical").contains(rule.getImpact()))
			.map(Browser::describe)
			.toList();
	}

	private static String describe(Rule rule) {
		return rule.getId() + ": " + rule.getHelp() + " at "
				+ rule.getNodes().stream().map((node) -> node.getTarget() + " " + node.getHtml()).toList();
	}

	/**
	 * Return what the console said since it was asked last.
	 */
	List<String> consoleErrors() {
		return this.driver.manage()
			.logs()
			.get(LogType.BROWSER)
			.getAll()
			.stream()
			.filter((entry) -> entry.getLevel().intValue() >= Level.WARNING.intValue())
			.map(LogEntry::getMessage)
			.toList();
	}

	void choose(String id, String option) {
		this.driver.findElement(By.xpath("//select[@id='%s']/option[.='%s']".formatted(id, option))).click();
	}

	String chosen(String id) {
		return (String) evaluate("document.getElementById('%s').selectedOptions[0].text".formatted(id));
	}

	/**
	 * Take a picture of the whole page.
	 */
	void picture(Path file) throws IOException {
		Object height = evaluate("document.body.offsetHeight");
		Object width = evaluate("window.innerWidth");
		this.driver.executeCdpCommand("Emulation.setDeviceMetricsOverride",
				Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
		Files.write(file, this.driver.getScreenshotAs(OutputType.BYTES));
	}

	@Override
	public void close() {
		this.driver.quit();
	}

}
