package io.github.deletionpolicy.sample.browser;

import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

import io.github.deletionpolicy.PendingPurges;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.openqa.selenium.Keys;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The pages as a visitor uses them, in a real browser.
 */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT,
		properties = { "deletion-policy.purge.interval=500ms", "deletion-policy.tables.projects.delay=6s",
				"deletion-policy.tables.tasks.delay=1h", "deletion-policy.tables.attachments.delay=1h",
				"deletion-policy.purge.retry-delay=1s", "logging.level.org.openqa.selenium=error" })
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BrowserIT {

	private static final Pattern COUNTDOWN = Pattern.compile("in [1-6] s");

	private final PendingPurges purges;

	private final Workspace workspace;

	private Browser browser;

	@Autowired
	BrowserIT(JdbcClient jdbc, PendingPurges purges) {
		this.workspace = new Workspace(jdbc);
		this.purges = purges;
	}

	/**
	 * Once for all tests; but each is skipped by itself where there is no browser, so
	 * that the report counts them and says why.
	 */
	@BeforeEach
	void openBrowser(@LocalServerPort int port) {
		if (this.browser == null) {
			this.browser = Browser.open(port);
			this.browser.width(1000);
		}
	}

	@AfterAll
	void closeBrowser() {
		if (this.browser != null) {
			this.browser.close();
		}
	}

	@AfterEach
	void consoleSaysNothingIsWrong() {
		if (this.browser != null) {
			assertThat(this.browser.consoleErrors()).isEmpty();
		}
	}

	@Test
	void deletedProjectCountsDownComesBackAndIsPurgedTheSecondTime() {
		long id = this.workspace.project("Round trip", "one", "two");
		this.browser.go("/");
		this.browser.click("Delete Round trip");
		assertThat(this.browser.text(".notice")).contains("Deleted project “Round trip” with all that is in it.");
		assertThat(this.browser.texts(".card h2")).doesNotContain("Round trip");

		this.browser.go("/trash");
		assertThat(this.browser.text(item("projects", id))).contains("Round trip", "with 4 that went along");
		String first = this.browser.text(countdown("projects", id));
		assertThat(first).matches(COUNTDOWN);
		Browser.await()
			.untilAsserted(() -> assertThat(this.browser.text(countdown("projects", id))).matches(COUNTDOWN)
				.isNotEqualTo(first));

		this.browser.click("Restore Round trip");
		Browser.await().untilAsserted(() -> assertThat(this.browser.text(".notice")).startsWith("Restored"));
		this.browser.go("/");
		assertThat(this.browser.texts(".card h2")).contains("Round trip");
		assertThat(this.workspace.rows(id)).isEqualTo(5);

		this.browser.click("Delete Round trip");
		this.browser.go("/trash");
		assertThat(this.browser.texts(item("projects", id))).hasSize(1);
		Browser.await().untilAsserted(() -> assertThat(this.browser.texts(item("projects", id))).isEmpty());
		assertThat(this.workspace.rows(id)).isZero();

		this.browser.go("/operator");
		Browser.await()
			.untilAsserted(() -> assertThat(this.browser.evaluate(
					"[...document.querySelectorAll('.chart .bar')].some((bar) => Number(bar.getAttribute('height')) > 0)"))
				.isEqualTo(true));
	}

	@Test
	void taskIsBroughtBackByTheNoticeAndAnAttachmentFromTheTrash() {
		long id = this.workspace.project("Small things", "paint");
		this.browser.go("/projects/" + id);
		this.browser.click("Delete paint");
		this.browser.click("Undo");
		Browser.await().untilAsserted(() -> assertThat(this.browser.text(".notice")).startsWith("Restored"));
		this.browser.go("/projects/" + id);
		this.browser.click("Delete paint.pdf");
		this.browser.go("/trash");
		this.browser.click("Restore paint.pdf");
		Browser.await().untilAsserted(() -> assertThat(this.browser.text(".notice")).startsWith("Restored"));
		this.browser.go("/projects/" + id);
		assertThat(this.browser.texts(".files span")).containsExactly("paint.pdf");
	}

	@Test
	void deleteForGoodAsksAndThenDoesNotWait() {
		long id = this.workspace.project("Impatient", "hurry");
		this.browser.go("/projects/" + id);
		this.browser.click("Delete hurry");
		this.browser.go("/trash");
		this.browser.click("Delete hurry for good");
		assertThat(this.browser.text("main")).contains("Delete for good?", "“hurry”", "1 that went along");
		this.browser.click("Yes, delete for good");
		Browser.await().untilAsserted(() -> assertThat(this.browser.text("main")).doesNotContain("hurry"));
		assertThat(this.workspace.rows(id)).isEqualTo(1);
	}

	@Test
	void pausedTableKeepsWhatIsDueAndLetsItGoWhenResumed() {
		long id = this.workspace.project("Patient", "wait");
		this.browser.go("/operator");
		this.browser.click("Pause public.projects");
		try {
			this.browser.go("/");
			this.browser.click("Delete Patient");
			this.browser.go("/trash");
			Browser.await()
				.untilAsserted(
						() -> assertThat(this.browser.text(item("projects", id))).contains("due; the purge is paused"));
			assertThat(this.workspace.rows(id)).isEqualTo(3);
			this.browser.go("/operator");
			Browser.await()
				.untilAsserted(() -> assertThat(this.browser.text("[id='table-public.projects']")).contains("paused"));
			this.browser.click("Resume public.projects");
		}
		finally {
			this.purges.resume("projects");
		}
		this.browser.go("/trash");
		Browser.await().untilAsserted(() -> assertThat(this.browser.texts(item("projects", id))).isEmpty());
		assertThat(this.workspace.rows(id)).isZero();
	}

	@Test
	void allTablesArePausedAndResumedTogether() {
		this.browser.go("/operator");
		this.browser.click("Pause all");
		try {
			Browser.await()
				.untilAsserted(() -> assertThat(this.browser.texts(".steer span")).hasSizeGreaterThanOrEqualTo(5)
					.containsOnly("paused"));
			this.browser.click("Resume public.tasks");
			Browser.await()
				.untilAsserted(() -> assertThat(this.browser.text(".notice")).contains("Resume all of them first"));
			this.browser.click("Resume all");
			Browser.await().untilAsserted(() -> assertThat(this.browser.texts(".steer span")).containsOnly("runs"));
		}
		finally {
			this.purges.resume(null);
		}
	}

	@Test
	void projectOnHoldStaysUntilItIsReleased() {
		long id = this.workspace.project("Evidence", "keep");
		this.browser.go("/projects/" + id);
		this.browser.click("Put on hold");
		this.browser.click("Delete the project");
		this.browser.go("/trash");
		assertThat(this.browser.text(item("projects", id))).contains("on hold, stays");
		Browser.await()
			.untilAsserted(() -> assertThat(this.purges.forRow("projects", id).orElseThrow().state())
				.isEqualTo(PendingPurges.State.HELD));
		assertThat(this.workspace.rows(id)).isEqualTo(3);
		this.browser.click("Release Evidence");
		Browser.await().untilAsserted(() -> assertThat(this.browser.texts(item("projects", id))).isEmpty());
		assertThat(this.workspace.rows(id)).isZero();
	}

	@Test
	void keyboardAloneDeletesAndRestores() {
		long id = this.workspace.project("Keys", "type");
		this.browser.go("/projects/" + id);
		this.browser.press(Keys.TAB);
		assertThat(this.browser.focused()).isEqualTo("Skip to the content");
		this.browser.press(Keys.ENTER);
		this.browser.tabTo("Delete type");
		this.browser.press(Keys.ENTER);
		Browser.await().untilAsserted(() -> assertThat(this.browser.focused()).startsWith("Deleted task “type”"));
		this.browser.press(Keys.TAB);
		assertThat(this.browser.focused()).isEqualTo("Undo");

		this.browser.tabTo("Trash");
		this.browser.press(Keys.ENTER);
		Browser.await().untilAsserted(() -> assertThat(this.browser.path()).isEqualTo("/trash"));
		this.browser.tabTo("Restore type");
		this.browser.press(Keys.ENTER);
		Browser.await().untilAsserted(() -> assertThat(this.browser.focused()).startsWith("Restored"));
		assertThat(this.browser.text("main")).doesNotContain("type");
	}

	@Test
	void focusStaysWhereItIsWhenTheListChanges() {
		long id = this.workspace.project("Focus", "stay", "leave");
		this.browser.go("/projects/" + id);
		this.browser.click("Delete stay");
		this.browser.click("Delete leave");
		this.browser.go("/trash");
		this.browser.tabTo("Restore stay");
		long before = inTheTrash();
		this.purges.purgeNow(this.purges.page("tasks", null, 100)
			.purges()
			.stream()
			.max((one, other) -> one.deletionTime().compareTo(other.deletionTime()))
			.orElseThrow()
			.operationId());
		Browser.await().untilAsserted(() -> assertThat(inTheTrash()).isLessThan(before));
		assertThat(this.browser.focused()).isEqualTo("Restore stay");
	}

	@Test
	void trashWorksWithoutScript() {
		long id = this.workspace.project("Plain", "paper");
		this.browser.go("/projects/" + id);
		this.browser.click("Delete paper");
		this.browser.script(false);
		try {
			this.browser.go("/trash");
			assertThat(this.browser.text(item("tasks", "paper")))
				.containsPattern("goes at \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d");
			this.browser.click("Restore paper");
			Browser.await().untilAsserted(() -> assertThat(this.browser.text(".notice")).startsWith("Restored"));
		}
		finally {
			this.browser.script(true);
		}
	}

	@Test
	void userWhoOwnsALiveProjectIsKeptAndThePageSaysWhy() {
		this.browser.go("/people");
		this.browser.click("Delete Amara Okafor");
		Browser.await()
			.untilAsserted(
					() -> assertThat(this.browser.text(".notice.problem")).contains("Refused", "public.projects"));
		assertThat(this.browser.path()).isEqualTo("/people");
	}

	@Test
	void asyncDeleteShowsItsProgressUntilAllRowsAreGoneAndAnotherOneCanBeCancelled() {
		this.browser.go("/operator/bulk");
		this.browser.click("Write 200,000 rows");
		assertThat(this.workspace.readings()).isEqualTo(200_000);
		this.browser.click("Delete them all");
		bulk().untilAsserted(() -> assertThat(progress()).isBetween(1L, 99L));
		assertThat(this.browser.text("#bulk-status")).isEqualTo("The delete is under way.");
		long before = progress();
		bulk().untilAsserted(() -> assertThat(progress()).isGreaterThan(before));
		bulk().untilAsserted(
				() -> assertThat(this.browser.text("#bulk-status")).isEqualTo("Done: 200,000 rows are gone."));
		assertThat(progress()).isEqualTo(100);
		assertThat(this.workspace.readings()).isZero();

		this.browser.click("Write 200,000 rows");
		this.browser.click("Delete them all");
		this.browser.click("Cancel");
		bulk().untilAsserted(() -> assertThat(this.browser.text("#bulk-status")).startsWith("Cancelled"));
		assertThat(this.workspace.readings()).isPositive();
		assertThat(this.browser.seriousFindings()).isEmpty();
	}

	@Test
	void everyPageIsAccessibleInLightAndDark() {
		for (String page : pages()) {
			this.browser.go(page);
			assertThat(this.browser.seriousFindings()).as("axe on %s", page).isEmpty();
			this.browser.dark(true);
			assertThat(this.browser.paleTexts()).as("axe on %s in the dark", page).isEmpty();
			this.browser.dark(false);
		}
	}

	@Test
	void everyPageFitsAPhoneAndAsksNoOtherHost() {
		this.browser.width(360);
		try {
			for (String page : pages()) {
				this.browser.go(page);
				assertThat(this.browser.evaluate("document.documentElement.scrollWidth")).as("width of %s", page)
					.isEqualTo(360L);
				assertThat(this.browser.evaluate("document.querySelector('main h1').innerText")).as("title of %s", page)
					.isNotEqualTo("");
				assertThat(this.browser.evaluate("performance.getEntriesByType('resource').map((entry) => entry.name)"
						+ ".filter((name) => !name.startsWith(location.origin + '/'))"))
					.isEqualTo(List.of());
			}
		}
		finally {
			this.browser.width(1000);
		}
	}

	/**
	 * Every page, with something of each kind on it that lasts as long as the test.
	 */
	private List<String> pages() {
		long id = this.workspace.project("A project with a name that is longer than a phone is wide",
				"A-task-without-a-space-in-its-name-as-it-comes-from-another-system", "short");
		this.browser.go("/projects/" + id);
		this.browser.click("Delete short");
		long held = this.workspace.project("Held", "still");
		this.browser.go("/projects/" + held);
		this.browser.click("Put on hold");
		this.browser.click("Delete the project");
		Browser.await()
			.atMost(Duration.ofSeconds(5))
			.untilAsserted(() -> assertThat(this.browser.text(".notice")).contains("Held"));
		return List.of("/", "/projects/" + id, "/people", "/trash", "/trash/tasks/" + lastDeletedTask() + "/purge",
				"/operator", "/operator/bulk");
	}

	private String lastDeletedTask() {
		this.browser.go("/trash");
		return String.valueOf(this.browser.evaluate("document.querySelector('[id^=\"tasks-\"].item').id.substring(6)"));
	}

	private long progress() {
		return ((Number) this.browser.evaluate("document.getElementById('bulk-bar').value")).longValue();
	}

	private static ConditionFactory bulk() {
		return Browser.await().atMost(Duration.ofSeconds(60));
	}

	private long inTheTrash() {
		return this.browser.texts(".item").size();
	}

	private static String item(String table, Object id) {
		return (id instanceof Long) ? "#%s-%s".formatted(table, id)
				: ".item:has([aria-label='Restore %s'])".formatted(id);
	}

	private static String countdown(String table, long id) {
		return item(table, id) + " time[data-countdown]";
	}

}
