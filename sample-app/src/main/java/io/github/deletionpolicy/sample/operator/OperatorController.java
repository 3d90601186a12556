package io.github.deletionpolicy.sample.operator;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

import io.github.deletionpolicy.PendingPurges;
import io.github.deletionpolicy.PendingPurges.TableSummary;
import io.github.deletionpolicy.sample.web.Notice;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/**
 * The operator's page.
 */
@Controller
@RequestMapping("/operator")
class OperatorController {

	private static final Duration LATE_AFTER = Duration.ofSeconds(10);

	private final PendingPurges purges;

	private final RateLimits rate;

	OperatorController(PendingPurges purges, RateLimits rate) {
		this.purges = purges;
		this.rate = rate;
	}

	@GetMapping
	String show(Model model) {
		fill(model, tables(), this.rate.perInterval());
		return "operator";
	}

	/**
	 * What changes by itself, for a page that shows it already.
	 * @param seen the version that the page shows; the answer is empty if it is the same
	 */
	@GetMapping("/state")
	@Nullable String state(@RequestParam int seen, Model model, HttpServletResponse response) {
		List<TableRow> tables = tables();
		List<Long> perInterval = this.rate.perInterval();
		if (Objects.hash(tables, perInterval) == seen) {
			response.setStatus(HttpStatus.NO_CONTENT.value());
			return null;
		}
		fill(model, tables, perInterval);
		return "operator :: update";
	}

	@PostMapping("/pause")
	String pause(@RequestParam(required = false) @Nullable String table, RedirectAttributes next) {
		this.purges.pause(table);
		Notice.done(next, "The purge of %s is paused. What is due waits.".formatted(nameOf(table)));
		return "redirect:/operator";
	}

	/**
	 * A pause of all tables and one of a single table are two things, and both must end
	 * for a table to go on.
	 */
	@PostMapping("/resume")
	String resume(@RequestParam(required = false) @Nullable String table, RedirectAttributes next) {
		this.purges.resume(table);
		if (table == null) {
			tables().forEach((row) -> this.purges.resume(row.summary().table()));
		}
		boolean goesOn = tables().stream()
			.noneMatch((row) -> row.summary().table().equals(table) && row.summary().paused());
		Notice.done(next, goesOn ? "The purge of %s goes on.".formatted(nameOf(table))
				: "All tables are paused. Resume all of them first.");
		return "redirect:/operator";
	}

	private static String nameOf(@Nullable String table) {
		return (table != null) ? table : "all tables";
	}

	private List<TableRow> tables() {
		Instant late = Instant.now().minus(LATE_AFTER);
		return this.purges.summary().stream().map((summary) -> TableRow.of(summary, late)).toList();
	}

	private static void fill(Model model, List<TableRow> tables, List<Long> perInterval) {
		model.addAttribute("tables", tables);
		model.addAttribute("chart", PurgeChart.of(perInterval, RateLimits.INTERVAL.toSeconds()));
		model.addAttribute("interval", RateLimits.INTERVAL.toSeconds());
		model.addAttribute("version", Objects.hash(tables, perInterval));
	}

	/**
	 * A table on the operator's page.
	 *
	 * @param summary what is pending
	 * @param lateSince since when rows are due that should be gone by now; {@code null}
	 * if there are none
	 */
	record TableRow(TableSummary summary, @Nullable Instant lateSince) {

		static TableRow of(TableSummary summary, Instant late) {
			Instant oldestDue = summary.oldestDue();
			return new TableRow(summary, (oldestDue != null && oldestDue.isBefore(late)) ? oldestDue : null);
		}

	}

}
